"""
The `Undo-Token`: signed, bound to the caller, good for a day.

A small command is described by its token alone and costs nothing. What a greater one did is kept
beside an operation of its own, which the token names.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from backend.kit.actor import Actor
from backend.kit.errors import FailedPrecondition
from backend.kit.tagged import tagged, untagged
from backend.undo.model import OFFERED_FOR, Kind, Offered, Touched

LONGEST_TOKEN = 2_000  # Of the 8 KB of headers that proxies let through.


class UndoOffers:
    """Offers to take commands back, and reads the tokens that come back."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="undo-token")

    def offer(self, actor: Actor, touched: Sequence[Touched], *, now: datetime) -> Offered:
        """Return the token for a command that touched these, for the plan of its commit."""
        token = self._sign(actor, now, {"touched": [_written(each) for each in touched]})
        return Offered(token)

    def read(self, actor: Actor, token: str, *, now: datetime) -> list[Touched]:
        """
        Return what the command of a token touched.

        Raises:
            FailedPrecondition: the token is not the caller's, or its time is over.
        """
        try:
            content = self._serializer.loads(token)
        except BadData:
            content = {}
        if content.get("uid") != actor.uid or content.get("until", 0) <= now.timestamp():
            raise FailedPrecondition("This cannot be undone any more.", code="undo-unavailable")
        return [_read(each) for each in content["touched"]]

    def _sign(self, actor: Actor, now: datetime, content: dict[str, Any]) -> str:
        until = int((now + OFFERED_FOR).timestamp())
        return str(self._serializer.dumps({"uid": actor.uid, "until": until, **content}))


def _written(touched: Touched) -> list[Any]:
    before = tagged(touched.before)
    return [touched.path, touched.rev, touched.kind.value, before, dict(touched.after)]


def _read(written: list[Any]) -> Touched:
    path, rev, kind, before, after = written
    return Touched(path, rev, Kind(kind), untagged(before), after)
