"""A task has been overdue for so long that others are to hear of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.reactions.difference import responsible
from backend.reactions.model import Event, EventType, event_id
from backend.reactions.reaction import Reaction
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.service import TimerService
from backend.workspaces.documents import workspace_path
from backend.workspaces.model import MOST_HOURS

log = structlog.get_logger()


class Patience:
    """
    For how long the people of a workspace leave an overdue task to those who should do it.

    Held for a minute at most: it is asked for every task that becomes overdue, and seldom changes.
    When the time has come, it is read anew.
    """

    def __init__(self, held: CachedDocuments) -> None:
        self._held = held

    def of(self, workspace_id: str) -> timedelta | None:
        """Return the time after the due instant; None: nobody else ever hears of it."""
        (stored,) = self._held.get_all(workspace_id, [workspace_path(workspace_id)])
        return patience(stored.fields) if stored is not None else None


def patience(workspace: Mapping[str, Any]) -> timedelta | None:
    """Return what the settings of a workspace say: how long after the due instant others hear."""
    settings = workspace.get("settings")
    hours = settings.get("escalateAfterHours") if isinstance(settings, Mapping) else None
    if not isinstance(hours, int) or not 1 <= hours <= MOST_HOURS:
        return None
    return timedelta(hours=hours)


def escalates_at(task: Task, after: timedelta | None) -> datetime | None:
    """Return when others are to hear of a task, if it is overdue and stays so; None: never."""
    if after is None or task.due_at is None or not (task.is_open and task.is_overdue):
        return None
    return task.due_at + after


def escalation_id(task: Task) -> str:
    """Return the id of the event by which others hear of a task: one for each due date."""
    return event_id(task.workspace_id, task.id, EventType.ESCALATED, _cause(task))


class Escalation:
    """Leaves an event for who made a task, who watches it, and the owner: it is still not done."""

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Record that nobody has done the task, if so; one event for each due date."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
        paths = [timer_path(alarm.timer_id), task_path(ref), workspace_path(ref.workspace_id)]

        def plan() -> tuple[Reaction, list[Write]]:
            timer, stored, workspace = self._store.get_all(paths)
            reaction = Reaction()
            if timer is None or not is_due(timer, alarm, now):
                return reaction, []
            if stored is None or workspace is None:
                return reaction, [Remove(timer)]
            task = task_of(stored)
            at = escalates_at(task, patience(workspace.fields))
            if at is not None and at > now:  # More patience by now, or a later date.
                later = timer_of(timer).again(at)
                reaction.timers.append(later)
                return reaction, [setting_anew(timer, later, now=now)]
            if at is not None:  # With less patience than a moment ago, the timer says since when.
                told_at = max(at, timer_of(timer).fire_at)
                event = _escalated(task, workspace.fields["ownerUid"], told_at)
                if event.audience:
                    reaction.tell(event, now)
            return reaction, [*reaction.writes, Remove(timer)]

        reaction = self._store.commit(plan)
        self._timers.announce(reaction.timers, now=now)
        if reaction.writes:
            log.info("task.escalated", task_id=ref.task_id)


def _escalated(task: Task, owner_uid: str, at: datetime) -> Event:
    others = {task.created_by, *task.watcher_ids, owner_uid} - responsible(task)
    return Event(
        type=EventType.ESCALATED,
        workspace_id=task.workspace_id,
        task_id=task.id,
        actor_uid=SYSTEM_UID,
        audience=tuple(sorted(others)),
        rev=task.rev,
        at=at,
        cause=_cause(task),
    )


def _cause(task: Task) -> str:
    # Where the date is as nobody means it, it is the instant that stands beside it.
    return task.due.mark if task.due else str(task.due_at)
