"""Taking commands back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.errors import FailedPrecondition, NotFound
from backend.kit.ids import derived_id
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation, OperationKind
from backend.operations.service import starting
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.keeping import Records
from backend.undo.model import Done, Reverted, Touched, Undone
from backend.undo.offers import UndoOffers, unavailable
from backend.undo.records import MOST_IN_ONE, touched_in
from backend.undo.reverting import Reverting
from backend.undo.undoing import beginning

log = structlog.get_logger()

Elsewhere = Mapping[OperationKind, Callable[[Actor, str], Operation]]


class UndoService:
    """
    Takes back what the commands of the caller have done, by their tokens.

    What a token says is judged by the documents as they are now, and by what the caller may do
    now. So it can be sent any number of times: what is back already stays as it is.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        offers: UndoOffers,
        reverting: Reverting,
        elsewhere: Elsewhere,
    ) -> None:
        """Take what undoes operations that have a way of their own, by their kind."""
        self._store = store
        self._clock = clock
        self._timers = timers
        self._offers = offers
        self._reverting = reverting
        self._elsewhere = elsewhere
        self._records = Records(store)

    def undo(self, actor: Actor, token: str) -> Done[Undone] | Done[Operation]:
        """
        Take a command back; at once, or, if it did much, by an operation that begins now.

        Raises:
            FailedPrecondition: there is nothing left to take back, or the token is altered,
                another's or too old (`undo-unavailable`); or the command still goes on.
            NotFound: the caller does not belong to the workspace any more.
            PermissionDenied: the caller may no longer do this.
        """
        now = self._clock.now()
        offer = self._offers.read(actor, token, now=now)
        if offer.operation_id is None:
            return self._at_once(actor, offer.touched, now)
        did = self._operation(actor, offer.operation_id)
        if did.kind in self._elsewhere:
            return Done(self._by_its_own_way(actor, did), None)
        if did.is_running:
            raise FailedPrecondition("It still goes on. Wait until it has ended, or cancel it.")
        records = self._records.latest(did.id, limit=2)
        if not records:
            raise unavailable()
        touched = touched_in(records[0])
        if len(records) == 1 and len(touched) <= MOST_IN_ONE:
            return self._at_once(actor, touched, now)
        return self._at_length(actor, did, now)

    def _at_once(self, actor: Actor, touched: Sequence[Touched], now: datetime) -> Done[Undone]:
        tried: Done[Undone] | None = None

        def plan() -> tuple[tuple[Done[Undone], Reverted], list[Write]]:
            nonlocal tried
            reverted = self._reverting.of(actor, touched, now)
            if not reverted.undone:
                raise unavailable()
            undone = Undone(tuple(reverted.undone), tuple(reverted.kept))
            if not reverted.writes:  # Only the answer of our own commit was lost, or of an undo.
                return (tried or Done(undone, None), reverted), []
            writes, token = list(reverted.writes), None
            if reverted.touched:
                offered = self._offers.offer(actor, reverted.touched, now=now)
                writes, token = [*writes, *offered.writes], offered.token
            tried = Done(undone, token)
            return (tried, reverted), writes

        done, reverted = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(reverted.timers, now=now))
        if reverted.writes:
            self._store.afterwards(lambda: log.info("command.undone", writes=len(reverted.writes)))
        return done

    def _at_length(self, actor: Actor, did: Operation, now: datetime) -> Done[Operation]:
        begun = Operation.started(
            derived_id("undo", did.id),  # However often it is asked for, it is one.
            OperationKind.UNDO,
            uid=actor.uid,
            at=now,
            cursor=beginning(did.id, actor),
        )

        def plan() -> tuple[tuple[Operation, Outbox], list[Write]]:
            stored = self._store.get(operation_path(begun.id))
            if stored is not None:
                return (operation_of(stored), Outbox()), []
            outbox = starting(begun, now)
            return (begun, outbox), outbox.writes

        operation, outbox = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        return Done(operation, self._offers.of_operation(actor, operation.id, now=now))

    def _operation(self, actor: Actor, operation_id: str) -> Operation:
        stored = self._store.get(operation_path(operation_id))
        operation = operation_of(stored) if stored else None
        if operation is None or operation.uid != actor.uid:
            raise unavailable()
        return operation

    def _by_its_own_way(self, actor: Actor, did: Operation) -> Operation:
        try:
            return self._elsewhere[did.kind](actor, did.id)
        except NotFound:
            raise unavailable() from None
