"""A workspace has another patience now: what is overdue there already is told of in its time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Where, Write
from backend.reactions.documents import event_path
from backend.reactions.escalation import escalates_at, escalation_id, patience
from backend.reactions.paging import going_on, page_of, stands
from backend.reactions.reaction import Reaction
from backend.tasks.documents import readable_task
from backend.tasks.model import Task
from backend.tasks.timers import task_timer_id
from backend.timers.documents import setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import TimerKind
from backend.timers.service import TimerService
from backend.workspaces.documents import workspace_path
from backend.workspaces.timers import LAST

log = structlog.get_logger()

PAGE = 100  # A commit of as many timers; three times as many documents are read for it.
# Longer than any process holds the settings: by then nothing is flagged by those of before.
LAST_LOOK = timedelta(seconds=90)
OVERDUE = (Where("isOverdue", "==", True),)


class Hastening:
    """
    Sets the escalation timers of what is overdue in a workspace, page by page, each one commit.

    By the settings as they are now, and only forward: a timer that comes earlier asks them itself.
    Of a due date that was told of nobody hears again, whatever became of the notifications. It
    looks once more later, since a task may be flagged by a process that still holds the settings
    of before. What has been done finds nothing to do, so it may run twice, late or beside another.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """See to one page of overdue tasks; where there may be more, the timer goes on."""
        now = self._clock.now()

        def plan() -> tuple[tuple[Reaction, int], list[Write]]:
            reaction = Reaction()
            hastened = self._look(alarm, reaction, now)
            return (reaction, hastened), reaction.writes

        reaction, hastened = self._store.commit(plan)
        self._timers.announce(reaction.timers, now=now)
        if hastened:
            workspace_id = alarm.id_of("workspaceId")
            log.info("workspace.escalation_hastened", workspace_id=workspace_id, writes=hastened)

    def _look(self, alarm: Alarm, reaction: Reaction, now: datetime) -> int:
        """Add to a commit what a page comes to; return of how many tasks it sets the timers."""
        found = self._store.find(page_of(alarm, OVERDUE, limit=PAGE))
        tasks = [task for stored in found if (task := readable_task(stored)) is not None]
        timer, workspace, *known = self._store.get_all(
            [
                timer_path(alarm.timer_id),
                workspace_path(alarm.id_of("workspaceId")),
                *map(_event, tasks),
                *map(_timer, tasks),
            ]
        )
        if timer is None or not stands(timer, alarm, now):
            return 0
        after = patience(workspace.fields) if workspace is not None else None
        if after is None:
            reaction.writes.append(Remove(timer))
            return 0
        told, timers = known[: len(tasks)], known[len(tasks) :]
        for task, event, stands_at in zip(tasks, told, timers, strict=True):
            at = escalates_at(task, after)
            if at is not None and event is None and _comes_later(stands_at, max(at, now)):
                reaction.schedule(TimerKind.ESCALATION, task.ref, max(at, now), now)
        hastened = len(reaction.timers)
        reaction.writes.append(_onward(timer, alarm, found, reaction, now))
        return hastened


def _event(task: Task) -> str:
    return event_path(task.workspace_id, escalation_id(task))


def _timer(task: Task) -> str:
    return timer_path(task_timer_id(TimerKind.ESCALATION, task.ref))


def _comes_later(timer: Stored | None, at: datetime) -> bool:
    return timer is None or timer_of(timer).fire_at > at


def _onward(
    timer: Stored, alarm: Alarm, found: Sequence[Stored], reaction: Reaction, now: datetime
) -> Write:
    """Return the write by which the timer goes on: to the next page, to the last look, or away."""
    if len(found) == PAGE or alarm.id_of("look") == LAST:
        return going_on(timer, found, reaction, now, limit=PAGE)
    subject = {"workspaceId": alarm.id_of("workspaceId"), "look": LAST}
    again = replace(timer_of(timer).again(now + LAST_LOOK), subject=subject)
    reaction.timers.append(again)
    return setting_anew(timer, again, now=now)
