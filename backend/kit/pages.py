"""
Pages of long lists: an opaque, signed token says where the next one begins.

A page begins behind the last document of the page before, by the values that it had then. So while
others write, nothing is skipped or repeated unless its own sort key moved.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from itsdangerous import BadData, URLSafeSerializer

from backend.kit.documents import Query, Stored
from backend.kit.errors import InvalidArgument
from backend.kit.queries import answer

T = TypeVar("T")

DEFAULT_SIZE, MAX_SIZE = 20, 100
MOST_READ = 200  # Documents a page, where some of them are dropped.
INSTANT = "at"  # JSON has no instants: {"at": "2026-11-20T09:00:00+00:00"}.


class Asked(NamedTuple):
    """How much of a list is asked for, from where on, and whether to count the whole of it."""

    size: int = DEFAULT_SIZE
    token: str | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """
    Some items of a list, and the token of the next page, or None after the last.

    A page may be short, or even empty, and still have a token: only a missing token ends a list.
    """

    items: list[T]
    next_page_token: str | None = None
    total_size: int | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Documents of a page, and the last one that was looked at if there may be more."""

    documents: list[Stored]
    last: Stored | None


class Source(Protocol):
    """What queries are asked of: the store."""

    def find(self, query: Query) -> list[Stored]:
        """Return the documents of a query without `dropped` conditions."""

    def count(self, query: Query) -> int:
        """Return how many documents there are, whatever its `limit` and `after`."""


class PageTokens:
    """Signs and reads page tokens, each bound to the caller and the query it continues."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="page-token")

    def page(
        self,
        source: Source,
        query: Query,
        read: Callable[[Stored], T],
        *,
        asked: Asked,
        caller: str,
        keeping: Callable[[Stored], bool] | None = None,
    ) -> Page[T]:
        """
        Read the page of `query` that `asked` is about; `read` makes an item of a document.

        `keeping` says which documents are the caller's to see, where no condition can; the others
        are dropped, and no total can be asked for.

        Costs one round trip and `asked.size` reads, or `MOST_READ` in four where conditions are
        dropped; a total costs one round trip more, and a read for every 1,000 documents.

        Raises:
            InvalidArgument: the token was altered, or given to another caller or for another
                list, filter or order; or a total is asked for that only reading all would tell.
        """
        if asked.total and query.dropped:
            raise InvalidArgument(
                "Counting these would mean reading all of them. Ask for the total with one value "
                "for each filter, or with a single filter.",
                code="unsupported-query",
                pointer="/includeTotal",
            )
        question = _question(query, caller)
        after = self._read(asked.token, question) if asked.token else None
        found = gather(source.find, replace(query, limit=asked.size, after=after), keeping)
        return Page(
            [read(stored) for stored in found.documents],
            self._sign(found.last, question, query.order_by) if found.last else None,
            source.count(query) if asked.total else None,
        )

    def _sign(self, last: Stored, question: str, order_by: Sequence[str]) -> str:
        position = [_to_json(value) for value in _position(last, order_by)]
        return str(self._serializer.dumps({"at": position, "of": question}))

    def _read(self, token: str, question: str) -> tuple[Any, ...]:
        try:
            content = self._serializer.loads(token)
        except BadData:
            content = {}
        if content.get("of") != question:
            raise InvalidArgument(
                "This page token does not belong to this list.",
                code="invalid-page-token",
                pointer="/pageToken",
            )
        return tuple(_from_json(value) for value in content["at"])


def gather(
    find: Callable[[Query], list[Stored]],
    query: Query,
    keeping: Callable[[Stored], bool] | None = None,
) -> Gathered:
    """
    Find the documents of a query; drop what meets not all of its `dropped` conditions, or is not
    to be kept.

    Reads on until the page is full, the list ends or `MOST_READ` documents were read. A full page
    is not followed by a look at whether anything comes after it.
    """
    if not query.dropped and keeping is None:
        found = find(query)
        return Gathered(found, found[-1] if len(found) == query.limit else None)
    kept: list[Stored] = []
    # Where conditions are dropped many documents may go; those not to be seen are exceptions.
    first = max(query.limit, DEFAULT_SIZE) if query.dropped else query.limit
    read, size, after = 0, first, query.after
    while True:
        size = min(size, MOST_READ - read)
        found = find(replace(query, dropped=(), limit=size, after=after))
        read += len(found)
        room = query.limit - len(kept)
        seen = [stored for stored in found if keeping is None or keeping(stored)]
        kept += answer(replace(query, where=query.dropped, dropped=(), limit=room), seen)
        if len(kept) == query.limit:
            return Gathered(kept, kept[-1])
        if len(found) < size:
            return Gathered(kept, None)
        if read == MOST_READ:
            return Gathered(kept, found[-1])
        after = _position(found[-1], query.order_by)
        size *= 2


def _position(stored: Stored, order_by: Sequence[str]) -> tuple[Any, ...]:
    return (*(stored.fields[name.removeprefix("-")] for name in order_by), stored.path)


def _question(query: Query, caller: str) -> str:
    conditions = [
        [where.field, where.op, _to_json(where.value)] for where in (*query.where, *query.dropped)
    ]
    text = json.dumps([caller, query.collection, query.group, query.order_by, conditions])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _to_json(value: Any) -> Any:
    return {INSTANT: value.astimezone(UTC).isoformat()} if isinstance(value, datetime) else value


def _from_json(value: Any) -> Any:
    return datetime.fromisoformat(value[INSTANT]) if isinstance(value, dict) else value
