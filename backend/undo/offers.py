"""
The `Undo-Token`: signed, bound to the caller, good for a day.

A small command is described by its token alone and costs nothing. What a greater one did is kept
in records beside an operation, which the token names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from backend.kit.actor import Actor
from backend.kit.documents import Write
from backend.kit.errors import FailedPrecondition
from backend.kit.ids import random_id
from backend.kit.tagged import tagged, untagged_fields
from backend.operations.documents import creating
from backend.operations.model import Operation, OperationKind
from backend.operations.service import ending
from backend.timers.outbox import Outbox
from backend.undo.model import OFFERED_FOR, Kind, Offered, Touched
from backend.undo.records import recording

LONGEST_TOKEN = 2_000  # Of the 8 KB of headers that proxies let through.
# What is kept outlives its token a little: an undo may be under way when that ends.
KEPT_FOR = OFFERED_FOR + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a token says: what a command touched, or the operation whose records do."""

    touched: tuple[Touched, ...] = ()
    operation_id: str | None = None


class UndoOffers:
    """Offers to take commands back, and reads the tokens that come back."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="undo-token")

    def offer(self, actor: Actor, touched: Sequence[Touched], *, now: datetime) -> Offered:
        """Return the token for a command that touched these, for the plan of its commit."""
        token = self._sign(actor, now, {"touched": [_written(each) for each in touched]})
        if len(token) <= LONGEST_TOKEN:
            return Offered(token)
        did = Operation.started(random_id(), OperationKind.COMMAND, uid=actor.uid, at=now)
        did = replace(
            did.finished({"touched": len(touched)}, at=now), rev=1, expire_at=now + KEPT_FOR
        )
        outbox = Outbox([creating(did), *self.recording(actor.uid, did.id, touched, now=now)])
        outbox.set(ending(did), now)
        return Offered(self.of_operation(actor, did.id, now=now), outbox.writes)

    def of_operation(self, actor: Actor, operation_id: str, *, now: datetime) -> str:
        """
        Return the token that takes back what an operation has done, once it has ended.

        Its steps have to write what they touched: `recording`.
        """
        return self._sign(actor, now, {"operation": operation_id})

    def recording(
        self,
        uid: str,
        operation_id: str,
        touched: Sequence[Touched],
        *,
        now: datetime,
        step: int = 0,
    ) -> list[Write]:
        """Return the writes that keep what a step of an operation touched, for its commit."""
        return [*recording(operation_id, uid, touched, step=step, until=now + KEPT_FOR)]

    def read(self, actor: Actor, token: str, *, now: datetime) -> Offer:
        """
        Return what a token says.

        Raises:
            FailedPrecondition: the token is not the caller's, or its time is over.
        """
        try:
            content = self._serializer.loads(token)
        except BadData:
            content = {}
        if content.get("uid") != actor.uid or content.get("until", 0) <= now.timestamp():
            raise unavailable()
        if (operation_id := content.get("operation")) is not None:
            return Offer(operation_id=operation_id)
        return Offer(tuple(_read(each) for each in content["touched"]))

    def _sign(self, actor: Actor, now: datetime, content: dict[str, Any]) -> str:
        until = int((now + OFFERED_FOR).timestamp())
        return str(self._serializer.dumps({"uid": actor.uid, "until": until, **content}))


def unavailable() -> FailedPrecondition:
    """Return the one refusal of whatever cannot be undone, whyever it cannot."""
    return FailedPrecondition("This cannot be undone any more.", code="undo-unavailable")


def _written(touched: Touched) -> list[Any]:
    before = {name: tagged(value) for name, value in touched.before.items()}
    return [touched.path, touched.rev, touched.kind.value, before, dict(touched.after)]


def _read(written: list[Any]) -> Touched:
    path, rev, kind, before, after = written
    return Touched(path, rev, Kind(kind), untagged_fields(before), after)
