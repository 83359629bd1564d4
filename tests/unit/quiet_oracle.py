"""What is quiet, found out by looking at a clock every minute: slow, and hard to get wrong."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

from backend.kit.wallclock import zone
from backend.notifications.quiet import LONGEST, QuietSpan

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BEFORE, AFTER = 4 * DAY, LONGEST + 2 * DAY


class Watched:
    """What the clocks of a zone show in each minute of some days."""

    def __init__(self, tz: str, first: datetime, count: int) -> None:
        here = zone(tz)
        self.instants = [first + number * MINUTE for number in range(count)]
        self.seen: dict[datetime, list[int]] = defaultdict(list)
        for number, instant in enumerate(self.instants):
            self.seen[instant.astimezone(here).replace(tzinfo=None)].append(number)

    def days(self) -> Iterator[date]:
        """Return the local days of which anything might be seen, also those their zone skipped."""
        day, last = min(self.seen).date() - DAY, max(self.seen).date()
        while day <= last:
            yield day
            day += DAY

    def between(self, day: date, span: QuietSpan) -> list[int]:
        """Return the minutes in which clocks show anything within the span that begins on `day`."""
        wall = datetime.combine(day, span.start)
        end = datetime.combine(day, span.end)
        if end <= wall:
            end += DAY
        found: list[int] = []
        while wall < end:
            found += self.seen.get(wall, ())
            wall += MINUTE
        return found


@cache
def watched(tz: str, around: date) -> Watched:
    """Return what clocks show in the days around one in UTC."""
    first = datetime(around.year, around.month, around.day, tzinfo=UTC) - BEFORE
    return Watched(tz, first, (BEFORE + AFTER + DAY) // MINUTE)


def quiet_until_by_minutes(
    hours: Mapping[int, QuietSpan], tz: str, at: datetime
) -> datetime | None:
    """Return the first minute from `at` on that lies in no span, from its first to its last."""
    clocks = watched(tz, at.date())
    quiet: set[int] = set()
    for day in clocks.days():
        span = hours.get(day.isoweekday())
        shown = clocks.between(day, span) if span is not None else []
        if shown:
            quiet.update(range(min(shown), max(shown) + 1))
    number = bisect_left(clocks.instants, at.replace(second=0, microsecond=0))
    if number not in quiet:
        return None
    while number in quiet and clocks.instants[number] < at + LONGEST:
        number += 1
    return min(clocks.instants[number], at + LONGEST)
