"""Two timers of a task: it is due soon, and it is overdue."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.reactions.difference import responsible
from backend.reactions.escalation import Patience, escalates_at
from backend.reactions.model import Event, EventType
from backend.reactions.reaction import Reaction
from backend.tasks.documents import changing, task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import TimerKind
from backend.timers.service import TimerService

log = structlog.get_logger()


class Overdue:
    """Flags a task whose due instant has come. Telling people follows, as from any change."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, patience: Patience
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._patience = patience

    def fire(self, alarm: Alarm) -> None:
        """Flag the task if it is still open and due; one flag for each due instant."""
        now = self._clock.now()
        ref = _task_of(alarm)

        def plan() -> tuple[Reaction | None, list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            if timer is None or not is_due(timer, alarm, now):
                return None, []
            if stored is None:
                return None, [Remove(timer)]
            task = task_of(stored)
            late = task.flagged_overdue(by=SYSTEM_UID, at=now)
            if late is task:
                return None, [Remove(timer)]
            reaction = Reaction([changing(stored, late), Remove(timer)])
            self._escalate_later(reaction, late, now)
            return reaction, reaction.writes

        reaction = self._store.commit(plan)
        if reaction is not None:
            self._timers.announce(reaction.timers, now=now)
            log.info("task.became_overdue", task_id=ref.task_id)

    def _escalate_later(self, reaction: Reaction, task: Task, now: datetime) -> None:
        at = escalates_at(task, self._patience.of(task.workspace_id))
        if at is not None:
            reaction.schedule(TimerKind.ESCALATION, task.ref, at, now)


class DueSoon:
    """Leaves an event for those who should do a task, some time before it is due."""

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Record that the task is due soon if it still is; one event for each due instant."""
        now = self._clock.now()
        ref = _task_of(alarm)

        def plan() -> tuple[Reaction, list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            reaction = Reaction()
            if timer is None or not is_due(timer, alarm, now):
                return reaction, []
            event = _due_soon(stored)
            if event is not None:
                reaction.tell(event, now)
            return reaction, [*reaction.writes, Remove(timer)]

        self._timers.announce(self._store.commit(plan).timers, now=now)


def _task_of(alarm: Alarm) -> TaskRef:
    return TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))


def _due_soon(stored: Stored | None) -> Event | None:
    task: Task | None = task_of(stored) if stored else None
    if task is None or not task.is_open or task.due_at is None or task.is_overdue:
        return None
    return Event(
        type=EventType.DUE_SOON,
        workspace_id=task.workspace_id,
        task_id=task.id,
        actor_uid=SYSTEM_UID,
        audience=tuple(sorted(responsible(task))),
        rev=task.rev,
        at=task.due_at,
        cause=task.due_at.isoformat(),
    )
