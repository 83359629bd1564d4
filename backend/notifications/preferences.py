"""What somebody wants to be told of, by which channel, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any

import structlog

from backend.kit.documents import Fields, Stored, reading
from backend.kit.errors import DataLoss
from backend.notifications.model import Category, Channel
from backend.notifications.quiet import QuietSpan

log = structlog.get_logger()

BUNDLE_MINUTES = 5
WEEKDAYS = range(1, 8)  # ISO 8601: 1 is Monday.
# What is silent unless somebody asks for it.
OFF = frozenset({(Category.DIGEST, Channel.INBOX), (Category.DIGEST, Channel.PUSH)})
MAILED = frozenset(
    {
        Category.MENTION,
        Category.COMMENT,
        Category.DUE_SOON,
        Category.OVERDUE,
        Category.FOCUS_FINISHED,
        Category.INVITATION,
        Category.DIGEST,
    }
)


class Level(StrEnum):
    """How much somebody wants to hear of a workspace."""

    ALL = "all"
    MENTIONS = "mentions"  # What was said to them, or what they asked to be reminded of.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Weekly:
    """When the summary of a week comes: a weekday of ISO 8601, and a local time."""

    day: int
    time: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """
    `users/{uid}/settings/notifications`.

    `matrix` holds what somebody has chosen; the rest is as `is_on` has it. `quiet_hours` go by the
    weekday on which they begin, in the person's zone.
    """

    matrix: Mapping[Category, Mapping[Channel, bool]] = field(default_factory=dict)
    quiet_hours: Mapping[int, QuietSpan] = field(default_factory=dict)
    urgent_passes: bool = True
    bundle_minutes: int = BUNDLE_MINUTES
    daily: time | None = None
    weekly: Weekly | None = None
    workspaces: Mapping[str, Level] = field(default_factory=dict)
    rev: int = 0

    def is_on(self, category: Category, channel: Channel) -> bool:
        """Say whether notifications of a category go out by a channel."""
        return self.matrix.get(category, {}).get(channel, is_on_by_default(category, channel))

    def level(self, workspace_id: str | None) -> Level:
        """Return how much they want to hear of a workspace."""
        return self.workspaces.get(workspace_id or "", Level.ALL)


def is_on_by_default(category: Category, channel: Channel) -> bool:
    """Say whether a category goes out by a channel to somebody who has chosen nothing."""
    if channel is Channel.EMAIL:
        return category in MAILED
    return (category, channel) not in OFF


def preferences_path(uid: str) -> str:
    """Return where somebody's preferences lie."""
    return f"users/{uid}/settings/notifications"


def preferences_of(stored: Stored | None) -> Preferences:
    """
    Read somebody's preferences; where none are stored, or none that can be read, the defaults.

    Apps write them themselves, so that nobody shall miss everything for one field that is odd.
    """
    if stored is None:
        return Preferences()
    try:
        with reading(stored) as fields:
            return _preferences(fields)
    except DataLoss:  # Its words name the document, and so the person.
        log.error("preferences.unreadable")  # noqa: TRY400
        return Preferences()


def preferences_fields(preferences: Preferences) -> Fields:
    """Return the document of preferences, but for the instant of its change."""
    daily, weekly = preferences.daily, preferences.weekly
    return {
        "matrix": {
            category.value: {channel.value: is_on for channel, is_on in row.items()}
            for category, row in preferences.matrix.items()
        },
        "quietHours": {
            str(day): {"start": clock(span.start), "end": clock(span.end)}
            for day, span in preferences.quiet_hours.items()
        }
        or None,
        "urgentPasses": preferences.urgent_passes,
        "bundleMinutes": preferences.bundle_minutes,
        "digests": {
            "daily": clock(daily) if daily is not None else None,
            "weekly": {"day": weekly.day, "time": clock(weekly.time)} if weekly else None,
        },
        "workspaces": {each: level.value for each, level in preferences.workspaces.items()},
        "rev": preferences.rev,
    }


def clock(at: time) -> str:
    """Return a local time as it is stored: `07:30`."""
    return f"{at:%H:%M}"


def _preferences(fields: Fields) -> Preferences:
    digests = fields.get("digests") or {}
    daily, weekly = digests.get("daily"), digests.get("weekly")
    return Preferences(
        matrix={
            Category(category): {Channel(channel): bool(is_on) for channel, is_on in row.items()}
            for category, row in fields.get("matrix", {}).items()
        },
        quiet_hours=_quiet_hours(fields.get("quietHours")),
        urgent_passes=fields.get("urgentPasses", True),
        bundle_minutes=fields.get("bundleMinutes", BUNDLE_MINUTES),
        daily=time.fromisoformat(daily) if daily else None,
        weekly=Weekly(weekly["day"], time.fromisoformat(weekly["time"])) if weekly else None,
        workspaces={each: Level(level) for each, level in fields.get("workspaces", {}).items()},
        rev=fields.get("rev", 0),
    )


def _quiet_hours(stored: Mapping[str, Any] | None) -> dict[int, QuietSpan]:
    if not stored:
        return {}
    if "start" in stored:  # As it was before each weekday had its own.
        return dict.fromkeys(WEEKDAYS, _span(stored))
    return {int(day): _span(span) for day, span in stored.items()}


def _span(stored: Mapping[str, str]) -> QuietSpan:
    return QuietSpan(time.fromisoformat(stored["start"]), time.fromisoformat(stored["end"]))
