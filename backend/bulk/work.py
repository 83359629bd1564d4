"""The work of a long batch: all of it in one commit, or page by page."""

from collections.abc import Sequence

from backend.adapters.firestore import MAX_WRITES, Store
from backend.bulk.carrying import Circle, carried_out, paths_of
from backend.bulk.model import MAX_AT_ONCE, BatchRefused, Command, Mode, Verdict
from backend.bulk.place import Place
from backend.bulk.reports import report
from backend.bulk.schemas import read_commands
from backend.bulk.service import TOO_MUCH, Admission, refuse_if_atomic
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.errors import InvalidArgument, TaskFlowError
from backend.kit.ids import derived_id
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.tasks.draft import Draft
from backend.timers.outbox import Outbox
from backend.undo.keeping import Records
from backend.undo.offers import UndoOffers

# Besides the tasks and the records: the operation, its timers.
MOST_WRITES = MAX_WRITES - 10


class Batching:
    """
    Carries commands out with the progress of their operation, so that none takes effect twice.

    What was done before a failure, or before it was called off, stays done, stands in the report,
    and can be undone.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        admission: Admission,
        offers: UndoOffers,
        records: Records,
    ) -> None:
        self._store = store
        self._clock = clock
        self._admission = admission
        self._offers = offers
        self._records = records

    def step(self, operation: Operation) -> Step:
        """Carry some commands out: all of them if the batch is atomic."""
        place = Place.at(operation.cursor)
        most = len(place.commands) if place.mode is Mode.ATOMIC else MAX_AT_ONCE
        try:
            return self._carried_out(operation, place, most)
        except BatchRefused as error:
            failed = report(place.mode, None, error.refused)
            return Step(operation.failed(error.code, at=self._clock.now(), result=failed))

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records of what was done, once it can be undone no longer."""
        return self._records.tidy_when_over(operation_id, self._clock.now())

    def _carried_out(self, operation: Operation, place: Place, most: int) -> Step:
        now = self._clock.now()
        actor = Actor(operation.uid, is_guest=place.is_guest)
        commands = _commands(operation.id, place, most)
        circle = self._admission.circle(actor, place.workspace_id, commands)
        draft = Draft(self._store, circle.caller, now)
        draft.read(paths_of(place.workspace_id, commands))
        verdicts = self._verdicts(draft, commands, circle, place)
        touched = draft.bare_touched()
        outbox = Outbox(draft.bare_writes())
        outbox.writes += self._offers.recording(
            operation.uid, operation.id, touched, now=now, step=place.next
        )
        if len(outbox.writes) > MOST_WRITES:
            raise InvalidArgument(TOO_MUCH, code="limit-exceeded")
        return Step(self._progressed(operation, place, verdicts), outbox)

    def _verdicts(
        self, draft: Draft, commands: Sequence[Command], circle: Circle, place: Place
    ) -> list[Verdict]:
        verdicts = carried_out(draft, commands, circle, first=place.next)
        if not verdicts or (place.mode is Mode.ATOMIC and len(verdicts) < len(commands)):
            raise InvalidArgument(TOO_MUCH, code="limit-exceeded")
        refuse_if_atomic(place.mode, verdicts)
        return verdicts

    def _progressed(
        self, operation: Operation, place: Place, verdicts: Sequence[Verdict]
    ) -> Operation:
        now, further = self._clock.now(), place.further(len(verdicts))
        result = report(place.mode, operation.result, verdicts)
        if not further.commands:
            return operation.finished(result, at=now)
        return operation.progressed(done=further.next, at=now, cursor=further.cursor, result=result)


def _commands(operation_id: str, place: Place, most: int) -> list[Command]:
    """Return the next commands; the ids of new tasks follow from the operation."""
    try:
        return read_commands(
            place.commands[:most],
            lambda index: derived_id("batch", operation_id, place.next + index),
        )
    except ValueError as error:  # Sent before a version that refuses it.
        raise TaskFlowError("What was sent cannot be read any more.") from error
