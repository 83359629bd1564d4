"""The badge follows what people read and archive, whoever marked it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
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
from backend.notifications.documents import badge_path, notification_path, notifications_path
from backend.notifications.model import Category

log = structlog.get_logger()

# A notification that was deleted, by TTL say, can no longer tell that it was counted. So the whole
# inbox is counted again that long after the last time, with the next change of it.
COUNTED_ANEW_AFTER = timedelta(days=1)
KINDS = frozenset(category.value for category in Category)

Counts = Mapping[str, int]


class InboxReactor:
    """
    Keeps `counters/inbox` equal to what is neither read nor archived.

    Every notification says in `isCounted` whether the badge counts it. Where that disagrees with
    the marks, one commit corrects both, guarded by the notification: doorbells that come twice,
    late or never change nothing about the sum.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def react(self, uid: str, notification_id: str) -> bool:
        """Count a notification in or out; False if the badge was right."""
        now = self._clock.now()
        paths = [notification_path(uid, notification_id), badge_path(uid)]

        def plan() -> tuple[bool, list[Write]]:
            stored, badge = self._store.get_all(paths)
            writes = (
                self._counting(uid, stored, badge, now)
                if stored
                else self._repairing(uid, badge, now)
            )
            return bool(writes), writes

        is_corrected = self._store.commit(plan)
        if is_corrected:
            log.info("inbox.recounted")
        return is_corrected

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has read the notification already: most are right."""
        uid, notification_id = stored.parent_id, stored.id
        return _change(stored.fields) != 0 and self.react(uid, notification_id)

    def _counting(
        self, uid: str, stored: Stored, badge: Stored | None, now: datetime
    ) -> list[Write]:
        change = _change(stored.fields)
        if change == 0:
            return []
        marked = Change(stored, {"isCounted": change > 0})
        by = {str(stored.fields.get("category")): change}
        if badge is not None and _is_trusted(badge.fields, by, now):
            return [marked, Adjust(badge_path(uid), _adding(by))]
        return [marked, self._recounting(uid, badge, by, now)]

    def _repairing(self, uid: str, badge: Stored | None, now: datetime) -> list[Write]:
        """The notification is gone, and perhaps was counted; a badge of 0 counts nothing."""
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


def _change(fields: Fields) -> int:
    """Return what the badge lacks for this notification: 1, or -1 if it counts too many, or 0."""
    is_unread = fields.get("readAt") is None and fields.get("archivedAt") is None
    return is_unread - bool(fields.get("isCounted", True))


def _is_trusted(badge: Fields, by: Counts, now: datetime) -> bool:
    """Say whether a badge may be added to: counted lately, and not less than is taken away."""
    counted_at: Any = badge.get("countedAt")
    if not isinstance(counted_at, datetime) or counted_at + COUNTED_ANEW_AFTER <= now:
        return False
    if not by.keys() <= KINDS:
        return False
    unread: Mapping[str, int] = badge.get("unreadByCategory") or {}
    sums = [badge.get("unread", 0), *(unread.get(each, 0) for each in by)]
    return all(number + change >= 0 for number in sums for change in by.values())


def _adding(by: Counts) -> Fields:
    return {
        "unread": Increment(sum(by.values())),
        "unreadByCategory": {each: Increment(change) for each, change in by.items()},
    }
