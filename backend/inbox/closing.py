"""A task is done: what asked people to do it is taken off their devices."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

import structlog

from backend.adapters.firestore import Store
from backend.inbox.marking import may_be_shown
from backend.inbox.model import is_unread
from backend.inbox.trays import Shown, take_off
from backend.kit.clock import Clock
from backend.kit.documents import Query, Remove, Stored, Where, Write
from backend.notifications.documents import decision_path
from backend.notifications.holding import still_concerns
from backend.notifications.model import Category, Channel
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

# Of one task, the newest of each person: a commit has room for two writes a person.
MOST = 200
ASKING = frozenset(
    {
        Category.ASSIGNED,
        Category.DUE_SOON,
        Category.OVERDUE,
        Category.ESCALATED,
        Category.REMINDER,
    }
)


class Closing:
    """
    Looks at a task that was closed, and at what was told of it.

    Nothing is marked for anybody: their inbox says what it said, and so does their badge.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Take off devices what asks for a task that nobody has to do any more."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
        paths = [timer_path(alarm.timer_id), task_path(ref)]

        def plan() -> tuple[Outbox, list[Write]]:
            outbox = Outbox()
            timer, task = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return outbox, []
            self._look(outbox, task_of(task) if task else None, ref, now)
            return outbox, [*outbox.writes, Remove(timer)]

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if outbox.timers:
            log.info("task.dismissed", task_id=ref.task_id, people=len(outbox.timers))

    def _look(self, outbox: Outbox, task: Task | None, ref: TaskRef, now: datetime) -> None:
        if task is not None and task.is_open:
            return  # Opened again in the meantime.
        moot = [each for each in self._told(ref) if _is_moot(each, task, now)]
        if not moot:
            return
        pushes = self._store.get_all(
            [decision_path(each.parent_id, each.id, Channel.PUSH) for each in moot]
        )
        pairs = zip(moot, pushes, strict=True)
        shown = sorted(
            (each.parent_id, each.id)
            for each, push in pairs
            if may_be_shown(each.fields, push, but=None)
        )
        for uid, theirs in groupby(shown, key=lambda one: one[0]):
            take_off(outbox, uid, _unmarked(theirs), now)

    def _told(self, ref: TaskRef) -> list[Stored]:
        where = (Where("taskId", "==", ref.task_id), Where("isCounted", "==", True))
        newest = ("-createdAt",)
        found = self._store.find(
            Query("notifications", limit=MOST, where=where, order_by=newest, group=True)
        )
        return [each for each in found if each.fields.get("workspaceId") == ref.workspace_id]


def _is_moot(stored: Stored, task: Task | None, now: datetime) -> bool:
    category = stored.fields.get("category")
    if category not in ASKING or not is_unread(stored.fields, now):
        return False
    return (
        task is None
        or task.is_done
        or not still_concerns(Category(category), stored.parent_id, task)
    )


def _unmarked(theirs: Iterable[tuple[str, str]]) -> list[Shown]:
    return [Shown(notification_id, is_moot=True) for _, notification_id in theirs]
