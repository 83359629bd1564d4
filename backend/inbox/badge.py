"""The badge: `counters/inbox`, equal to what is unread."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import (
    Adjust,
    Change,
    Create,
    Fields,
    Increment,
    Query,
    Stored,
    Where,
    Write,
)
from backend.notifications.documents import badge_path, notifications_path
from backend.notifications.model import Category

# A notification that was deleted, by TTL say, can no longer tell that it was counted. So the whole
# inbox is counted again that long after the last time, with the next change of it.
COUNTED_ANEW_AFTER = timedelta(days=1)
KINDS = frozenset(category.value for category in Category)

Counts = Mapping[str, int]


class Badge:
    """
    Moves the badge with what is counted in or out, in the same commit.

    Every notification says in `isCounted` whether the badge counts it, and guards the commit that
    changes this: so whatever runs twice, late or never changes nothing about the sum.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def moving(self, uid: str, badge: Stored | None, by: Counts, now: datetime) -> list[Write]:
        """Return what counts so many in or out by category, the badge being as it was read."""
        by = {category: change for category, change in by.items() if change}
        if not by:
            return []
        if badge is not None and _is_trusted(badge.fields, by, now):
            return [Adjust(badge_path(uid), _adding(by))]
        return [self._recounting(uid, badge, by, now)]

    def repairing(self, uid: str, badge: Stored | None, now: datetime) -> list[Write]:
        """Return what corrects it after a deletion that told nobody; 0 counts nothing."""
        if badge is None or not badge.fields.get("unread"):
            return []
        if self._count(uid) == badge.fields["unread"]:
            return []
        return [self._recounting(uid, badge, {}, now)]

    def _recounting(self, uid: str, badge: Stored | None, by: Counts, now: datetime) -> Write:
        # The badge was read before anything is counted here, and whatever changes what is counted
        # changes the badge: where it still stands at the commit, so does the count.
        counted = {each: self._count(uid, each) + by.get(each, 0) for each in Category}
        unread = {each.value: number for each, number in counted.items() if number > 0}
        fields = {"unread": sum(unread.values()), "unreadByCategory": unread, "countedAt": now}
        return Change(badge, fields) if badge else Create(badge_path(uid), fields)

    def _count(self, uid: str, category: Category | None = None) -> int:
        where = [Where("isCounted", "==", True)]
        if category is not None:
            where.append(Where("category", "==", category.value))
        return self._store.count(Query(notifications_path(uid), limit=1, where=tuple(where)))


def _is_trusted(badge: Fields, by: Counts, now: datetime) -> bool:
    """Say whether a badge may be added to: counted lately, and not less than is taken away."""
    counted_at: Any = badge.get("countedAt")
    if not isinstance(counted_at, datetime) or counted_at + COUNTED_ANEW_AFTER <= now:
        return False
    if not by.keys() <= KINDS:
        return False
    unread: Mapping[str, int] = badge.get("unreadByCategory") or {}
    after = [unread.get(each, 0) + change for each, change in by.items()]
    return all(number >= 0 for number in (badge.get("unread", 0) + sum(by.values()), *after))


def _adding(by: Counts) -> Fields:
    return {
        "unread": Increment(sum(by.values())),
        "unreadByCategory": {each: Increment(change) for each, change in by.items()},
    }
