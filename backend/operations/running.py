"""
Working at operations, a step at a time, however often the worker dies.

A step acts on the outside world under names of its own, and returns how far the operation is now;
one commit writes that with whatever else the step wants written, provided nobody else has moved
the operation. So of two workers one loses, and looks again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored
from backend.kit.errors import TaskFlowError
from backend.operations.documents import changing, operation_of, operation_path
from backend.operations.model import Operation, OperationKind, OperationState, ending_timer_id
from backend.operations.service import ending
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.pace import paced
from backend.timers.service import TimerService

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Step:
    """
    How far an operation is after a step, and what else its commit writes and sets.

    Work that goes on later says when (`again_at`); else the next step follows at once.
    """

    operation: Operation
    outbox: Outbox = field(default_factory=Outbox)
    again_at: datetime | None = None


class Work(Protocol):
    """What is done for operations of one kind."""

    def step(self, operation: Operation) -> Step:
        """
        Do some seconds' worth and return how far it is: `progressed`, `finished` or `failed`.

        It may run twice at once, or again after having been killed: what it does outside of the
        commit must bear that.

        Raises:
            TaskFlowError: retryable ones are tried again later, others fail the operation.
        """

    def tidy(self, uid: str, operation_id: str) -> bool:
        """Delete what an operation left outside of its document; False: there is more."""


class Running:
    """Passes the timers of operations on to the work of their kind."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        works: Mapping[OperationKind, Work],
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._works = works

    def fire(self, alarm: Alarm) -> None:
        """Work at the operation for some seconds; or tidy up after it, when its time has come."""
        operation_id = alarm.id_of("operationId")
        work = self._works[OperationKind(alarm.id_of("operation"))]
        if alarm.timer_id == ending_timer_id(operation_id):
            self._end(alarm, work)
            return
        for pausing in paced(self._clock):
            if not self._go_on(alarm, work, pausing=pausing):
                return

    def _go_on(self, alarm: Alarm, work: Work, *, pausing: bool) -> bool:
        """Do one step, or let the next job do it; False if there is nothing left to do."""
        now = self._clock.now()
        timer, stored = self._store.get_all(
            [timer_path(alarm.timer_id), operation_path(alarm.id_of("operationId"))]
        )
        is_mine = timer is not None and is_due(timer, alarm, now) and not _is_anothers(timer, alarm)
        if stored is None:  # Erased, perhaps with its timer, while a step was at it.
            work.tidy(alarm.id_of("uid"), alarm.id_of("operationId"))
        if timer is None or not is_mine:
            return False
        operation = operation_of(stored) if stored else None
        if stored is None or operation is None or not operation.is_running:
            # Called off: whatever a step left since is tidied once more.
            work.tidy(alarm.id_of("uid"), alarm.id_of("operationId"))
            self._store.attempt([Remove(timer)])
            return False
        if pausing:
            self._pause(timer, now)
            return False
        return self._step(timer, stored, operation, work)

    def _step(self, timer: Stored, stored: Stored, operation: Operation, work: Work) -> bool:
        step = self._stepped(operation, work)
        now, after = self._clock.now(), step.operation
        outbox = Outbox([changing(stored, after), *step.outbox.writes], [*step.outbox.timers])
        if not after.is_running:
            outbox.writes.append(Remove(timer))
            # What nobody can use is tidied at once, the rest when its time is over.
            is_useful = after.state is OperationState.DONE
            outbox.set(ending(after, at=None if is_useful else now), now)
        elif step.again_at is not None:
            later = timer_of(timer).again(step.again_at)
            outbox.writes.append(setting_anew(timer, later, now=now))
            outbox.timers.append(later)
        if not self._store.attempt(outbox.writes):
            return True  # Called off, or another worker was faster: look again.
        self._timers.announce(outbox.timers, now=now)
        if not after.is_running:
            log.info("operation.ended", kind=after.kind.value, outcome=after.state.value)
        return after.is_running and step.again_at is None

    def _stepped(self, operation: Operation, work: Work) -> Step:
        now = self._clock.now()
        if not operation.is_kept(now):
            return Step(operation.failed("deadline-exceeded", at=now))
        try:
            return work.step(operation)
        except TaskFlowError as error:
            if error.retryable:
                raise
            log.exception("operation.failed", kind=operation.kind.value, code=error.code)
            return Step(operation.failed(error.code, at=now))

    def _pause(self, timer: Stored, now: datetime) -> None:
        """Go on in another job, whose name tells it from this one."""
        self._timers.again(timer, now)

    def _end(self, alarm: Alarm, work: Work) -> None:
        operation_id, now = alarm.id_of("operationId"), self._clock.now()
        timer, stored = self._store.get_all(
            [timer_path(alarm.timer_id), operation_path(operation_id)]
        )
        if timer is None or not is_due(timer, alarm, now):
            return
        operation = operation_of(stored) if stored else None
        if operation is not None and operation.is_running and operation.is_kept(now):
            return
        if not work.tidy(alarm.id_of("uid"), operation_id):
            self._pause(timer, now)
        elif stored is None or operation is None or not operation.is_kept(now):
            gone = [Remove(stored)] if stored else []
            self._store.attempt([Remove(timer), *gone])
        else:  # Nothing is left of it but the document, which can still be read.
            self._timers.again(timer, operation.expire_at + timedelta(seconds=1))


def _is_anothers(timer: Stored, alarm: Alarm) -> bool:
    """Whether a timer of the same id was set for a later operation since."""
    return timer_of(timer).subject["operationId"] != alarm.id_of("operationId")
