"""
Finding the people of a segment, a page after the other, in an order that does not change.

Each source is read where the fewest others lie beside it: people who are named, the members of a
workspace, devices by when they were seen last, accounts by language or in the order of their uids.
A device that is seen while its page is still to come moves to the end, so that its person is met
there, and perhaps twice; nobody is skipped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from backend.accounts.documents import account_of, account_path
from backend.accounts.model import Account
from backend.adapters.firestore import Store
from backend.broadcasts.model import People, Segment, Source
from backend.kit.documents import NAME, Query, Stored, Where
from backend.kit.errors import DataLoss
from backend.workspaces.documents import member_of

log = structlog.get_logger()

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
LAST_LETTER = "\uf8ff"  # Behind whatever a locale may be made of.
Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Met:
    """
    Some people of a segment, each once; where to go on, None: these were the last.

    `strangers` were named, but have no account that can be used.
    """

    uids: tuple[str, ...]
    strangers: tuple[str, ...]
    next: Cursor | None


class Audience:
    """The people of segments."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, segment: Segment, cursor: Cursor, *, most: int, now: datetime) -> Met:
        """Return the people who come next, of `most` documents that are looked at."""
        if segment.source is Source.NAMED:
            return self._named(segment, cursor, most, now)
        query = _query(segment, cursor, most)
        found = self._store.find(query)
        last = None if len(found) < most else _place(query, found[-1])
        if segment.source is Source.ACCOUNTS:
            return Met(_belonging(segment, found, now), (), last)
        return Met(self._of_accounts(segment, _uids(segment, found, now), now)[0], (), last)

    def expected(self, segment: Segment, now: datetime) -> tuple[int, bool]:
        """
        Return how many people there are, and whether that is exact: else it is that at most.

        Of those who are named, whoever has no account is not counted. Elsewhere it is counted what
        is read: somebody with two devices counts twice.
        """
        if segment.source is Source.NAMED:
            return len(self._of_accounts(segment, list(segment.audience), now)[0]), True
        is_all = segment.people is People.ALL and segment.locale is None
        is_exact = segment.source is Source.MEMBERS and is_all
        return self._store.count(_query(segment, {}, 1)), is_exact

    def _named(self, segment: Segment, cursor: Cursor, most: int, now: datetime) -> Met:
        # By the name before, not by its number: those who are erased leave the list.
        left = [each for each in segment.audience if each > cursor.get("after", "")]
        uids, strangers = self._of_accounts(segment, left[:most], now)
        return Met(uids, strangers, {"after": left[most - 1]} if len(left) > most else None)

    def _of_accounts(
        self, segment: Segment, uids: Sequence[str], now: datetime
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if not uids:
            return (), ()
        found = [each for each in self._store.get_all([*map(account_path, uids)]) if each]
        belonging = _belonging(segment, found, now)
        return belonging, tuple(each for each in uids if each not in belonging)


def _query(segment: Segment, cursor: Cursor, most: int) -> Query:
    after = tuple(cursor["after"]) if cursor else None
    match segment.source:
        case Source.MEMBERS:
            members = f"workspaces/{segment.workspace_id}/members"
            return Query(members, most, order_by=(NAME,), after=after)
        case Source.DEVICES:
            where = [Where("lastSeenAt", ">=", segment.active_since or FIRST)]
            if segment.platform is not None:
                where.insert(0, Where("platform", "==", segment.platform.value))
            return Query("devices", most, tuple(where), ("lastSeenAt",), group=True, after=after)
        case _:
            return _accounts(segment, most, after)


def _accounts(segment: Segment, most: int, after: tuple[Any, ...] | None) -> Query:
    if segment.locale is not None:
        last = f"{segment.locale}-{LAST_LETTER}"
        where = (Where("locale", ">=", segment.locale), Where("locale", "<=", last))
        return Query("users", most, where, ("locale",), after=after)
    if segment.people is People.ALL:
        return Query("users", most, order_by=(NAME,), after=after)
    is_guest = Where("isGuest", "==", segment.people is People.GUESTS)
    return Query("users", most, (is_guest,), (NAME,), after=after)


def _place(query: Query, last: Stored) -> Cursor:
    values = [last.fields[name] for name in query.order_by if name != NAME]
    return {"after": [*values, last.path]}


def _uids(segment: Segment, found: Sequence[Stored], now: datetime) -> list[str]:
    """Return the people of memberships or devices that still are good, each once."""
    uids = []
    for stored in found:
        if segment.source is Source.MEMBERS:
            uids += [stored.id] if _is_current(stored, now) else []
        elif stored.fields.get("disabledAt") is None:
            uids.append(stored.parent_id)
    return [*dict.fromkeys(uids)]


def _is_current(stored: Stored, now: datetime) -> bool:
    try:
        return member_of(stored).is_current(now)
    except DataLoss as error:
        log.exception("member.unreadable", detail=error.detail)
        return False


def _belonging(segment: Segment, found: Sequence[Stored], now: datetime) -> tuple[str, ...]:
    accounts = (_account(stored) for stored in found)
    return tuple(each.uid for each in accounts if each is not None and segment.has(each, now))


def _account(stored: Stored) -> Account | None:
    try:
        return account_of(stored)
    except DataLoss as error:  # One that cannot be read keeps nobody from the others.
        log.exception("account.unreadable", detail=error.detail)
        return None
