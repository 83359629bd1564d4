"""Which digest comes when, and what it is about. Pure: it never asks what time it is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.kit.wallclock import resolve, start_of_day, zone
from backend.notifications.preferences import Preferences

DAY = timedelta(days=1)
# A digest of a late evening may be told for so long, although its day is over by then.
SHORTEST = timedelta(hours=1)
# From the day before on: a weekday comes round, and may be one that a zone left out altogether.
SEARCHED = range(-1, 16)


class DigestKind(StrEnum):
    """What a digest sums up."""

    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def days(self) -> int:
        """How many days it looks back, and ahead: its own is the first of these."""
        return 1 if self is DigestKind.DAILY else 7

    @property
    def days_told(self) -> int:
        """For how many days, its own among them, it is worth telling after an outage."""
        return 1 if self is DigestKind.DAILY else 2


@dataclass(frozen=True, slots=True)
class Planned:
    """
    The digest of one local `day`, in the zone that days are meant in.

    Days begin when they do there: at midnight, or where clocks leave that out an hour later.
    """

    kind: DigestKind
    day: date
    tz: str

    @property
    def done_since(self) -> datetime:
        """The first instant of the days that it looks back at; they end where its own begins."""
        return start_of_day(self.day - self.kind.days * DAY, self.tz)

    @property
    def day_begins_at(self) -> datetime:
        """The first instant of its own day."""
        return start_of_day(self.day, self.tz)

    @property
    def looks_until(self) -> datetime:
        """The end of the days that it looks ahead at, which is the first instant after them."""
        return start_of_day(self.day + self.kind.days * DAY, self.tz)

    def at(self, preferences: Preferences) -> datetime | None:
        """
        Return when it comes, or None: there is none of its kind on that day.

        Where those of a day and of a week would come together, the week's tells all of it alone.
        """
        if self.day_begins_at >= start_of_day(self.day + DAY, self.tz):
            return None  # Samoa had no 30 December 2011.
        wanted, weekly = preferences.daily, preferences.weekly
        of_week = weekly.time if weekly and weekly.day == self.day.isoweekday() else None
        if self.kind is DigestKind.WEEKLY:
            wanted = of_week
        elif wanted == of_week:
            wanted = None
        return None if wanted is None else resolve(self.day, wanted, self.tz)

    def is_stale(self, came_at: datetime, now: datetime) -> bool:
        """Say whether it is too late to tell what was to be told at `came_at`."""
        over_at = start_of_day(self.day + self.kind.days_told * DAY, self.tz)
        return now >= max(over_at, came_at + SHORTEST)


def next_digest(
    kind: DigestKind, preferences: Preferences, tz: str, after: datetime
) -> tuple[Planned, datetime] | None:
    """
    Return the first digest of a kind after an instant, and when it comes; None: none is wanted.

    A time that clocks leave out moves to the first instant after the gap; of a time that they show
    twice the first counts. So there is one for each local day, and never a second.
    """
    today = after.astimezone(zone(tz)).date()
    for days in SEARCHED:
        planned = Planned(kind, today + days * DAY, tz)
        at = planned.at(preferences)
        if at is not None and at > after:
            return planned, at
    return None
