"""Where clocks change, from the pinned tzdata."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from backend.kit.wallclock import zone

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
STEP, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Clocks in `tz` go from one offset to the other at `at`, an instant in UTC."""

    tz: str
    at: datetime
    before: timedelta
    after: timedelta

    @property
    def shown_before(self) -> datetime:
        """The local time, naive, at which clocks would have arrived."""
        return self.at.replace(tzinfo=None) + self.before

    @property
    def shown_after(self) -> datetime:
        """The local time, naive, that they show instead."""
        return self.at.replace(tzinfo=None) + self.after

    @property
    def middle(self) -> datetime:
        """A local time, naive, to the minute, in what is skipped or shown twice."""
        between = self.shown_before + (self.shown_after - self.shown_before) / 2
        return between.replace(second=0, microsecond=0)


def zones() -> list[str]:
    """Return all names of zones there are."""
    return files("tzdata").joinpath("zones").read_text(encoding="ascii").split()


@cache
def clock_changes(tz: str) -> tuple[ClockChange, ...]:
    """Return the changes of 2024 to 2032 in a zone."""
    return tuple(_found(tz))


def distinct_zones() -> list[str]:
    """Return one zone of each set whose clocks change alike."""
    alike = {tuple((change.at, change.after) for change in clock_changes(tz)): tz for tz in zones()}
    return sorted(alike.values())


def _found(tz: str) -> Iterator[ClockChange]:
    here, moment = zone(tz) if tz != "Factory" else UTC, FIRST
    offset = moment.astimezone(here).utcoffset()
    while moment < LAST:
        early, moment = moment, moment + STEP
        if (now := moment.astimezone(here).utcoffset()) == offset:
            continue
        late = moment
        while late - early > SECOND:
            middle = early + (late - early) // SECOND // 2 * SECOND
            if middle.astimezone(here).utcoffset() == offset:
                early = middle
            else:
                late = middle
        if offset is not None and now is not None:
            yield ClockChange(tz, late, offset, now)
        offset = now
