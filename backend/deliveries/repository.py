"""Where deliveries are found: by their verdict and when it was given, whosever they are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.deliveries.documents import DECISIONS, delivery_of
from backend.deliveries.model import Backlog, Delivery
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import DataLoss
from backend.kit.pages import Asked, Page, PageTokens
from backend.notifications.model import Verdict

log = structlog.get_logger()

PAGE = 200
NO_UNTIL = (Where("until", "==", None),)


class Deliveries:
    """Reads of deliveries of everybody, for staff and for what heals them."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def page(self, verdict: Verdict, asked: Asked, *, caller: str) -> Page[Delivery]:
        """
        Return a page of the deliveries that ended so, the latest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        query = Query(DECISIONS, asked.size, (_is(verdict),), ("-at",), group=True)
        return self._tokens.page(self._store, query, delivery_of, asked=asked, caller=caller)

    def undecided_since(
        self, verdict: Verdict, field: str, before: datetime
    ) -> Iterator[list[tuple[Stored, Delivery]]]:
        """
        Find deliveries of a verdict that were to go on before an instant; the oldest first.

        `field` says by what: `until`, or for those that have none `at`. Each page is one round
        trip, and read only when it is asked for.
        """
        after: tuple[Any, ...] | None = None
        where = _late(verdict, field, before)
        while True:
            found = self._store.find(
                Query(DECISIONS, PAGE, where, (field,), group=True, after=after)
            )
            yield _readable(found)
            if len(found) < PAGE:
                return
            after = (found[-1].fields[field], found[-1].path)

    def backlog(self, verdict: Verdict, field: str, before: datetime) -> Backlog:
        """Return how many deliveries `undecided_since` would find, and by when the oldest was."""
        query = Query(DECISIONS, 1, _late(verdict, field, before), (field,), group=True)
        oldest = self._store.find(query)
        if not oldest:
            return Backlog(0, None)
        return Backlog(self._store.count(query), oldest[0].fields[field])

    def waiting(self, verdict: Verdict, now: datetime) -> int:
        """Return how many deliveries of a verdict are to go on only later than now."""
        where = (_is(verdict), Where("until", ">", now))
        return self._store.count(Query(DECISIONS, 1, where, ("until",), group=True))

    def since(self, verdict: Verdict, since: datetime) -> int:
        """Return how many deliveries have ended so since an instant."""
        where = (_is(verdict), Where("at", ">=", since))
        return self._store.count(Query(DECISIONS, 1, where, ("-at",), group=True))


def _late(verdict: Verdict, field: str, before: datetime) -> tuple[Where, ...]:
    return (_is(verdict), *(NO_UNTIL if field == "at" else ()), Where(field, "<=", before))


def _is(verdict: Verdict) -> Where:
    return Where("decision", "==", verdict.value)


def _readable(found: list[Stored]) -> list[tuple[Stored, Delivery]]:
    """Read deliveries; one that nobody can read keeps no other waiting."""
    deliveries = []
    for stored in found:
        try:
            deliveries.append((stored, delivery_of(stored)))
        except DataLoss as error:
            log.exception("delivery.unreadable", detail=error.detail)
    return deliveries
