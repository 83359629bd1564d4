"""A task's 30 days in the trash are over: it goes for good, and then what lies below it."""

from datetime import datetime
from enum import Enum

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.errors import Unavailable
from backend.reactions.documents import shadow_path, shadowed_task
from backend.reactions.reaction import Reaction
from backend.reactions.service import Reactor
from backend.reactions.totals import adding, moved
from backend.search.entries import forgetting_task
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.trash.remains import LOOKED_AGAIN, Remains

log = structlog.get_logger()

MOST_REACTIONS = (
    5  # Between two looks somebody may have changed the task again, but hardly so often.
)


class Verdict(Enum):
    """What is to be done about a task whose timer has fired."""

    STAYS = "stays"  # It was restored, or another alarm has seen to it.
    REACTS = "reacts"  # What its last change leads to comes first.
    GOES = "goes"


class TrashEmptying:
    """
    Deletes a task for good.

    Its document goes first, in one commit with its shadow: from then on nobody can restore it, or
    put anything below it. Whoever restores it before that wins, and finds all of it. What lies
    below goes page by page; the timer stays until a look finds nothing, so whoever is killed in
    between is followed by the next job. A second look comes some minutes later: a request that had
    read the task before may have written behind our back.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        reactor: Reactor,
        remains: Remains,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._reactor = reactor
        self._remains = remains

    def fire(self, alarm: Alarm) -> None:
        """
        Delete a task that is still in the trash, or go on with what is left of it.

        Raises:
            Unavailable: more is left than one job has time for, or others kept changing the task.
        """
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
        for _ in range(MOST_REACTIONS):
            verdict, timer = self._decide(alarm, ref)
            if verdict is not Verdict.REACTS:
                break
            self._reactor.react(ref)
        else:
            raise Unavailable("Others kept changing this at the same time.")
        if verdict is Verdict.GOES and timer is not None:
            self._remains.clear(ref)
            self._finish(timer)
            log.info("task.purged", task_id=ref.task_id)

    def delete(self, ref: TaskRef, *, thrown_away_by: datetime) -> Timer | None:
        """
        Delete a task now, provided that it was thrown away by an instant, and still is.

        What is left of it goes by its timer, which whoever calls announces; None: it stays.

        Raises:
            Unavailable: others kept changing it.
        """
        now = self._clock.now()
        outbox = Outbox()

        def plan() -> tuple[Verdict, list[Write]]:
            stored, shadow = self._store.get_all([task_path(ref), shadow_path(ref)])
            task = task_of(stored) if stored else None
            if stored is None or task is None or not _lies_there_since(task, thrown_away_by):
                return Verdict.STAYS, []
            writes = _deleting(stored, shadow, task)
            if writes is None:
                return Verdict.REACTS, []
            reaction = Reaction(writes)
            reaction.schedule(TimerKind.TRASH, ref, now, now)
            outbox.timers = reaction.timers
            return Verdict.GOES, reaction.writes

        for _ in range(MOST_REACTIONS):
            verdict = self._store.commit(plan)
            if verdict is not Verdict.REACTS:
                return outbox.timers[0] if verdict is Verdict.GOES else None
            self._reactor.react(ref)
        raise Unavailable("Others kept changing this at the same time.")

    def _decide(self, alarm: Alarm, ref: TaskRef) -> tuple[Verdict, Stored | None]:
        now = self._clock.now()

        def plan() -> tuple[tuple[Verdict, Stored | None], list[Write]]:
            timer, stored, shadow = self._store.get_all(
                [timer_path(alarm.timer_id), task_path(ref), shadow_path(ref)]
            )
            if timer is None or not is_due(timer, alarm, now):
                return (Verdict.STAYS, None), []
            if stored is None:
                return (Verdict.GOES, timer), []
            task = task_of(stored)
            if task.purge_at is None or task.purge_at > now:
                # Where it was thrown away anew, the reaction to that sets the timer anew.
                return (Verdict.STAYS, None), [Remove(timer)]
            writes = _deleting(stored, shadow, task)
            if writes is None:
                return (Verdict.REACTS, None), []
            return (Verdict.GOES, timer), writes

        return self._store.commit(plan)

    def _finish(self, timer: Stored) -> None:
        if timer_of(timer).attempts > 0:
            self._store.attempt([Remove(timer)])
        else:
            self._timers.again(timer, self._clock.now() + LOOKED_AGAIN)


def _lies_there_since(task: Task, by: datetime) -> bool:
    return task.deleted_at is not None and task.deleted_at <= by


def _deleting(stored: Stored, shadow: Stored | None, task: Task) -> list[Write] | None:
    """Return what deletes a task for good; None: what its last change leads to comes first."""
    if shadow is None or shadowed_task(shadow).rev != task.rev:
        return None
    writes: list[Write] = [Remove(stored), Remove(shadow), forgetting_task(task.ref)]
    return writes + adding(task.workspace_id, moved(shadowed_task(shadow), None))
