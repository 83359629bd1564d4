"""The job of a task that others wait for: they learn whether they still have to."""

from dataclasses import replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Where, Write
from backend.kit.errors import DataLoss
from backend.reactions.paging import going_on, page_of, stands
from backend.tasks.documents import changing, task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.tasks.timers import task_timer
from backend.timers.documents import timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

PAGE = 40  # With all that these wait for: some 400 documents, 800 at the very most.


def dependents_timer(ref: TaskRef, *, at: datetime) -> Timer:
    """Return the timer that lets the tasks that wait for one learn of it."""
    return task_timer(TimerKind.DEPENDENTS, ref, at)


class Dependents:
    """
    Sets `isBlocked` of the tasks that wait for one, page by page, each page one commit.

    By everything that each of them waits for, as it is now: read after the tasks that wait, whose
    guards then stand for a state no newer. So it does not matter how often, how late or beside
    what else it runs. No new revision: nobody's edit is in its way.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Put one page of them right; where there may be more, the timer goes on."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))

        def plan() -> tuple[tuple[Outbox, int], list[Write]]:
            outbox = Outbox()
            changed = self._look(alarm, ref, outbox, now)
            return (outbox, changed), outbox.writes

        outbox, changed = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if changed:
            log.info("task.dependents_followed", task_id=ref.task_id, writes=changed)

    def _look(self, alarm: Alarm, ref: TaskRef, outbox: Outbox, now: datetime) -> int:
        where = [Where("blockedBy", "array_contains", ref.task_id)]
        found = self._store.find(page_of(alarm, where, limit=PAGE))
        waiting = [(stored, task) for stored in found if (task := _readable(stored)) is not None]
        timer, is_open = self._now_open(alarm, [task for _, task in waiting])
        if timer is None or not stands(timer, alarm, now):
            return 0
        for stored, task in waiting:
            is_blocked = any(each in is_open for each in task.blocked_by)
            if is_blocked != task.is_blocked:
                outbox.writes.append(changing(stored, replace(task, is_blocked=is_blocked)))
        changed = len(outbox.writes)
        outbox.writes.append(going_on(timer, found, outbox, now, limit=PAGE))
        return changed

    def _now_open(self, alarm: Alarm, tasks: list[Task]) -> tuple[Stored | None, set[str]]:
        """Return the timer, and the ids of what these tasks wait for that is still open."""
        refs = dict.fromkeys(
            TaskRef(task.workspace_id, each) for task in tasks for each in task.blocked_by
        )
        timer, *found = self._store.get_all([timer_path(alarm.timer_id), *map(task_path, refs)])
        read = [_readable(stored) for stored in found if stored is not None]
        return timer, {task.id for task in read if task is not None and task.is_open}


def _readable(stored: Stored) -> Task | None:
    try:
        return task_of(stored)
    except DataLoss:  # Nobody could finish it, so nobody waits for it.
        return None
