"""What a notification looks like to its person, and what follows from how they marked it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.kit.documents import Fields

LONGEST_SNOOZE = timedelta(days=366)  # As in firestore.rules.
KEPT_ONCE_BACK = timedelta(days=30)  # At the least: a snooze may outlast what is kept.
MARKS = ("readAt", "archivedAt", "snoozedUntil")


@dataclass(frozen=True, slots=True)
class Item:
    """A notification as its person sees it. `count` is how many events it tells of."""

    id: str
    category: str
    template: str
    title: str
    body: str
    link: str
    group_key: str
    count: int
    actor_uid: str
    workspace_id: str | None
    task_id: str | None
    read_at: datetime | None
    archived_at: datetime | None
    snoozed_until: datetime | None
    is_unread: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of an inbox is asked for. Filters join; `archived` is a list of its own."""

    unread: bool = False
    archived: bool = False
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many notifications a command has marked, and the operation that goes on with it."""

    notifications: int
    operation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """
    What must follow from a notification's marks.

    `by` is what the badge lacks: 1, or -1 where it counts too many, or 0. `wakes_at` is when the
    timer must fire that ends the snooze, `is_timed_right` whether it is set for that already.
    `kept_until` is until when the notification is kept, where that has to change.
    """

    by: int
    wakes_at: datetime | None
    is_timed_right: bool
    kept_until: datetime | None = None

    @property
    def is_something(self) -> bool:
        """Whether anything is left to do."""
        return self.by != 0 or not self.is_timed_right

    @property
    def has_gone(self) -> bool:
        """Whether it is unread no more, so that no device should show it any longer."""
        return self.by < 0

    @property
    def fields(self) -> Fields:
        """What the notification says of it afterwards."""
        changed: dict[str, Any] = {}
        if self.by:
            changed["isCounted"] = self.by > 0
        if not self.is_timed_right:
            changed["wakesAt"] = self.wakes_at
        if self.kept_until is not None:
            changed["expireAt"] = self.kept_until
        return changed


def is_snoozed(fields: Fields, now: datetime) -> bool:
    """Say whether somebody has put a notification off until later than `now`."""
    until = _instant(fields, "snoozedUntil")
    return until is not None and until > now


def is_unread(fields: Fields, now: datetime) -> bool:
    """Say whether a notification is one that the badge must count."""
    is_seen = fields.get("readAt") is not None or fields.get("archivedAt") is not None
    return not is_seen and not is_snoozed(fields, now)


def following(fields: Fields, now: datetime) -> Following:
    """Return what must follow from how a notification is marked, and what followed before."""
    until = _instant(fields, "snoozedUntil")
    return Following(
        by=is_unread(fields, now) - bool(fields.get("isCounted", True)),
        wakes_at=until,
        is_timed_right=until == _instant(fields, "wakesAt"),
        kept_until=_kept_until(fields, until),
    )


def marked(fields: Fields, marks: Mapping[str, Any], now: datetime) -> Fields:
    """
    Return the fields that these marks change; none where they change nothing.

    `marks` has `read_at` and `archived_at`, which are True or None, and `snoozed_until`. What is
    read already stays read since then.
    """
    wanted: dict[str, datetime | None] = {}
    for name, field in (("read_at", "readAt"), ("archived_at", "archivedAt")):
        if name in marks:
            wanted[field] = (fields.get(field) or now) if marks[name] else None
    if "snoozed_until" in marks:
        wanted["snoozedUntil"] = marks["snoozed_until"]
    return {field: value for field, value in wanted.items() if fields.get(field) != value}


def _kept_until(fields: Fields, until: datetime | None) -> datetime | None:
    expire_at = _instant(fields, "expireAt")
    if until is None or expire_at is None or expire_at >= until + KEPT_ONCE_BACK:
        return None
    return until + KEPT_ONCE_BACK


def _instant(fields: Fields, name: str) -> datetime | None:
    value = fields.get(name)
    return value if isinstance(value, datetime) else None
