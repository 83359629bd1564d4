"""The work of taking back what a great command has done: a record at a time, the last one first."""

from typing import Any

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.timers.outbox import Outbox
from backend.undo.keeping import Records
from backend.undo.offers import UndoOffers
from backend.undo.records import touched_in
from backend.undo.reverting import Reverting

REPORTED = 100  # Paths of what was kept, in the result.


class Undoing:
    """
    Goes through the records of an operation, and puts back what each holds in a commit of its own.

    Each step keeps what it touched, so that the undoing can be undone as well.
    """

    def __init__(
        self, store: Store, clock: Clock, offers: UndoOffers, reverting: Reverting
    ) -> None:
        self._records = Records(store)
        self._clock = clock
        self._offers = offers
        self._reverting = reverting

    def step(self, operation: Operation) -> Step:
        """Put back what one record holds."""
        now, cursor = self._clock.now(), dict(operation.cursor)
        found = self._records.latest(cursor["of"], limit=1, after=cursor.get("after"))
        if not found:
            result = {name: cursor[name] for name in ("undone", "kept", "keptPaths")}
            return Step(operation.finished(result, at=now))
        actor = Actor(operation.uid, is_guest=cursor["isGuest"])
        reverted = self._reverting.of(actor, touched_in(found[0]), now)
        recording = self._offers.recording(
            operation.uid, operation.id, reverted.touched, now=now, step=operation.done
        )
        cursor["after"] = found[0].path
        cursor["undone"] += len(reverted.undone)
        cursor["kept"] += len(reverted.kept)
        cursor["keptPaths"] = [*cursor["keptPaths"], *reverted.kept][:REPORTED]
        progressed = operation.progressed(done=operation.done + 1, at=now, cursor=cursor)
        return Step(progressed, Outbox([*reverted.writes, *recording], [*reverted.timers]))

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records of what it put back, once that cannot be undone any longer."""
        return self._records.tidy_when_over(operation_id, self._clock.now())


def beginning(operation_id: str, actor: Actor) -> dict[str, Any]:
    """Return where the undoing of an operation by its person begins: the cursor."""
    return {
        "of": operation_id,
        "isGuest": actor.is_guest,
        "undone": 0,
        "kept": 0,
        "keptPaths": [],
    }
