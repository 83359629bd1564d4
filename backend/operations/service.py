"""Starting operations, looking at them, and calling them off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Stored, Write
from backend.kit.ids import random_id
from backend.operations.documents import changing, creating, operation_of, operation_path
from backend.operations.model import (
    AlreadyRunning,
    Operation,
    OperationKind,
    ending_timer_id,
    working_timer_id,
)
from backend.operations.repository import Operations
from backend.timers.documents import timer_fields, timer_of, timer_path
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()


class Showing(Protocol):
    """How the result of one kind of operation is shown to whoever it belongs to."""

    def shown(self, operation: Operation) -> Mapping[str, Any]:
        """Return the members of `result` as the API shows them, made at the time of reading."""


class OperationService:
    """
    Operations of the people who call.

    Every method raises NotFound for operations that are absent, another's or expired: the three
    look the same.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        showing: Mapping[OperationKind, Showing],
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._showing = showing
        self._operations = Operations(store)

    def get(self, actor: Actor, operation_id: str) -> Operation:
        """Return an operation of the caller, with its result made for this reading."""
        _, operation = self._operations.get(operation_id, of=actor.uid, at=self._clock.now())
        return self.seen(operation)

    def seen(self, operation: Operation) -> Operation:
        """Return an operation as its person sees it: the result is made for this reading."""
        showing = self._showing.get(operation.kind)
        if operation.result is None or showing is None:
            return operation
        return replace(operation, result=showing.shown(operation))

    def start_alone(
        self,
        actor: Actor,
        kind: OperationKind,
        *,
        total: int | None = None,
        cursor: Mapping[str, Any] | None = None,
        beside: Sequence[Write] = (),
    ) -> Operation:
        """
        Start an operation of which a person may have one at a time; work begins at once.

        `beside` is written with it, such as an entry of the audit log. The timer that works at it
        has one id for all of a person's, and so lets only one through.

        Raises:
            AlreadyRunning: with the one that is.
        """
        now = self._clock.now()
        begun = Operation.started(
            random_id(), kind, uid=actor.uid, at=now, total=total, cursor=cursor
        )
        work, end = working(begun, now, alone=True), ending(begun)

        def plan() -> tuple[None, list[Write]]:
            standing = self._store.get(timer_path(work.id))
            if standing is not None:
                if _operation_id(standing) == begun.id:
                    return None, []  # Our own commit took place; only its answer was lost.
                self._refuse_second(standing, now)
            outbox = Outbox([creating(begun), _claiming(work, standing, now), *beside])
            outbox.set(end, now)
            return None, outbox.writes

        self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce([work], now=now))
        self._store.afterwards(lambda: log.info("operation.started", kind=kind.value))
        return begun

    def cancel(self, actor: Actor, operation_id: str) -> Operation:
        """
        Call a running operation off; what it did so far and cannot use is tidied away soon.

        Raises:
            FailedPrecondition: it runs no longer.
        """
        now = self._clock.now()
        outbox = Outbox()
        tried: Operation | None = None

        def plan() -> tuple[Operation, list[Write]]:
            nonlocal outbox, tried
            outbox = Outbox()
            stored, operation = self._operations.get(operation_id, of=actor.uid, at=now)
            if operation == tried:
                return operation, []  # Our own commit took place; only its answer was lost.
            tried = cancelled = operation.cancelled(at=now)
            outbox.set(ending(cancelled, at=now), now)
            return cancelled, [changing(stored, cancelled), *outbox.writes]

        cancelled = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("operation.cancelled", kind=cancelled.kind.value))
        return cancelled

    def _refuse_second(self, standing: Stored, now: datetime) -> None:
        stored = self._store.get(operation_path(_operation_id(standing)))
        current = operation_of(stored) if stored else None
        if current is not None and current.is_running and current.is_kept(now):
            raise AlreadyRunning("One of these is running already.", current=current)


def starting(operation: Operation, now: datetime) -> Outbox:
    """
    Return what starts an operation as part of a greater commit; its timers are to be announced.

    Any number of these may run at once. Progress, end and failure are `Running`'s to write.
    """
    outbox = Outbox([creating(operation)])
    outbox.set(working(operation, now, alone=False), now)
    outbox.set(ending(operation), now)
    return outbox


def working(operation: Operation, at: datetime, *, alone: bool, attempts: int = 0) -> Timer:
    """Return the timer at which work on an operation goes on."""
    timer_id = working_timer_id(operation, alone=alone)
    return Timer(timer_id, TimerKind.OPERATION, subject_of(operation), at, attempts)


def ending(operation: Operation, *, at: datetime | None = None) -> Timer:
    """Return the timer that tidies up after an operation: when nobody needs it any longer."""
    fire_at = at or operation.expire_at
    return Timer(ending_timer_id(operation.id), TimerKind.OPERATION, subject_of(operation), fire_at)


def subject_of(operation: Operation) -> dict[str, str]:
    """Return what the timers of an operation carry: enough to tidy up when it is gone itself."""
    return {"operationId": operation.id, "uid": operation.uid, "operation": operation.kind.value}


def _operation_id(timer: Stored) -> str:
    return str(timer_of(timer).subject["operationId"])


def _claiming(work: Timer, standing: Stored | None, now: datetime) -> Write:
    fields = timer_fields(work, work.state_at(now))
    if standing is None:
        return Create(timer_path(work.id), fields)
    return Change(standing, fields)
