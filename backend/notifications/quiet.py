"""When a person wants to be left in peace, and until when. Pure: it never asks what time it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import resolve, zone

# Who is never to be disturbed at all still hears, once a week, of what has been held.
LONGEST = timedelta(days=7)

# A span may begin the day before, and clocks that go back over midnight show a day too late.
EARLIER, LATER = 2, LONGEST.days
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuietSpan:
    """
    Quiet from `start` until `end`, by the clocks where the person is, to the minute.

    `end` is on the next day where it is not later than `start`; equal, they are a whole day.
    """

    start: time
    end: time


class HasQuietHours(Protocol):
    """Whoever says when they want quiet; the keys are the ISO weekdays on which spans begin."""

    @property
    def quiet_hours(self) -> Mapping[int, QuietSpan]:
        """The span that begins on each weekday, where one does: 1 is Monday."""


def quiet_until(preferences: HasQuietHours, tz: str, at: datetime) -> datetime | None:
    """
    Return when the quiet ends that reigns at the instant `at`, in UTC; None if it is not quiet.

    `tz` is the IANA zone the person is in; one that is none counts as UTC. A span that touches the
    next is one with it. Where clocks go back, a span lasts from the first time they show its start
    to the last time they show the minute before its end, so that nobody is woken in between. Where
    they go forward, what would begin or end within the gap does so at its end. After LONGEST at
    the latest it ends, if only for a moment.
    """
    hours = preferences.quiet_hours
    if not hours:
        return None
    here = _zone(tz)
    today = at.astimezone(here).date()
    until = at
    for day in (today + DAY * away for away in range(-EARLIER, LATER + 1)):
        span = hours.get(day.isoweekday())
        if span is not None and _begins(span, day, here) <= until:
            until = max(until, _ends(span, day, here))
    return min(until, at + LONGEST).astimezone(UTC) if until > at else None


def _begins(span: QuietSpan, day: date, here: ZoneInfo) -> datetime:
    return resolve(day, span.start, here.key)


def _ends(span: QuietSpan, day: date, here: ZoneInfo) -> datetime:
    """Return the end of what begins on `day`; no later than its beginning if a gap swallows it."""
    last_day = day if span.end > span.start else day + DAY
    last_minute = datetime.combine(last_day, span.end) - MINUTE
    again = last_minute.replace(tzinfo=here, fold=1)
    first = last_minute.replace(tzinfo=here)
    if (again.utcoffset() or timedelta()) < (first.utcoffset() or timedelta()):
        return again.astimezone(UTC) + MINUTE
    return resolve(last_day, span.end, here.key)


def _zone(tz: str) -> ZoneInfo:
    try:
        return zone(tz)
    except InvalidArgument:  # Apps write it: the rules look at its letters only.
        return zone("UTC")
