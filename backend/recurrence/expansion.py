"""From a rule and its start to instants: in local time for days and more, in UTC for hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Protocol

from backend.kit.wallclock import LAST_DAY, start_of_day, zone
from backend.recurrence.occurrence import KeyKind, KeyParts, Occurrence, Start, occurrence_of
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import Freq

# An occurrence later than a moment has at least that moment's local day, unless the local calendar
# itself steps back, as some did when a zone crossed the date line. UNTIL has the same room.
MARGIN = timedelta(days=2)
FIVE_YEARS = timedelta(days=5 * 365 + 2)
END = datetime.combine(LAST_DAY, time.max, tzinfo=UTC)


class Expansion(Protocol):
    """What a rule picks from its start on: the ends of the rule are minded, exceptions are not."""

    def first(self) -> Occurrence | None:
        """Return the first one, if there is one within five years of the start."""
        ...

    def forward(self, since: datetime | None = None) -> Iterator[Occurrence]:
        """Yield, rising, those strictly after `since` (aware), or all; until the year 2100."""
        ...

    def backward(self, upto: datetime) -> Iterator[Occurrence]:
        """Yield, falling, those at or before `upto` (aware)."""
        ...


def expansion(rule: Rule, start: Start) -> Expansion:
    """Return the way in which a rule is expanded."""
    return HourExpansion(rule, start) if rule.freq is Freq.HOURLY else DayExpansion(rule, start)


def local_day(moment: datetime, tz: str) -> date:
    """Return the day that the calendar in `tz` shows at an instant (aware)."""
    if moment.tzinfo is None:
        raise ValueError("An instant is aware; this one has no zone.")
    return moment.astimezone(zone(tz)).date()


def whole_minute(moment: datetime) -> datetime:
    """Return the instant, rounded up to the minute: keys of hours are no finer."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


@dataclass(frozen=True)  # No slots: they would leave no room for what is worked out once.
class DayExpansion:
    """
    A rule that counts local days. Its days come first, then the instant of each.

    A day that its zone skipped altogether (Samoa, 30 December 2011) has no occurrence, though
    COUNT counts it.
    """

    rule: Rule
    start: Start

    def first(self) -> Occurrence | None:
        """Return the first one, if there is one within five years of the start."""
        last = min(self.start.day + FIVE_YEARS, LAST_DAY)
        return next(self._from(self.start.day, last), None)

    def forward(self, since: datetime | None = None) -> Iterator[Occurrence]:
        """Yield, rising, those strictly after `since`, or all."""
        day = self.start.day if since is None else local_day(since, self.start.tz) - MARGIN
        for found in self._from(day, LAST_DAY):
            if since is None or found.at > since:
                yield found

    def backward(self, upto: datetime) -> Iterator[Occurrence]:
        """Yield, falling, those at or before `upto`."""
        last = self._until(local_day(upto, self.start.tz) + MARGIN)
        for day in self.rule.days_back(self.start.day, upto=last):
            found = self._on(day)
            if found.at <= upto and self._is_in_time(found) and not _is_skipped(found):
                yield found

    def _from(self, since: date, last: date) -> Iterator[Occurrence]:
        for day in self.rule.days(self.start.day, since=since, last=last):
            found = self._on(day)
            if day > self._until(day) or not self._is_in_time(found):
                return
            if not _is_skipped(found):
                yield found

    def _on(self, day: date) -> Occurrence:
        kind = KeyKind.ALL_DAY if self.start.time is None else KeyKind.LOCAL
        return occurrence_of(KeyParts(kind, day, self.start.time), self.start.tz)

    def _is_in_time(self, found: Occurrence) -> bool:
        until = self.rule.until
        return not isinstance(until, datetime) or found.at <= until

    def _until(self, day: date) -> date:
        """`day`, or the last that can have one; a little late where UNTIL is an instant."""
        until, count = self.rule.until, self.rule.count
        if isinstance(until, datetime):
            return min(day, LAST_DAY, local_day(until, self.start.tz) + MARGIN)
        if until is not None:
            return min(day, LAST_DAY, until)
        if count is None or (day - self.start.day).days < count:  # Not reached, on any rule.
            return min(day, LAST_DAY)
        return min(day, self._last_counted)

    @cached_property
    def _last_counted(self) -> date:
        count = self.rule.count or 0
        return self.rule.nth(self.start.day, count, last=LAST_DAY) or LAST_DAY


@dataclass(frozen=True)  # As above.
class HourExpansion:
    """
    A rule that counts hours: of UTC, from the instant of its start.

    So clock changes neither stretch nor double an interval. BYDAY, and UNTIL where it is a day,
    mean the calendar of the start's zone: "hourly on weekdays" ends on Friday evening there.
    """

    rule: Rule
    start: Start

    def first(self) -> Occurrence | None:
        """Return the first one, if there is one within five years of the start."""
        last = min(self._index(self._anchor + FIVE_YEARS), self._last)
        return next(self._picked(range(last + 1)), None)

    def forward(self, since: datetime | None = None) -> Iterator[Occurrence]:
        """Yield, rising, those strictly after `since`, or all."""
        first = 0 if since is None else max(0, self._index(since) + 1)
        for found in self._picked(range(first, self._last + 1)):
            step = self._index(found.at)
            if step > self._until(step):
                return
            yield found

    def backward(self, upto: datetime) -> Iterator[Occurrence]:
        """Yield, falling, those at or before `upto`."""
        last = min(self._index(upto), self._last)
        return self._picked(range(self._until(last), -1, -1))

    def _picked(self, steps: range) -> Iterator[Occurrence]:
        weekdays = {each.weekday for each in self.rule.by_day}
        here = zone(self.start.tz)
        for step in steps:
            at = self._anchor + step * self._interval
            if not weekdays or at.astimezone(here).weekday() in weekdays:
                yield Occurrence(at.date(), at.time(), "UTC", at, in_utc=True)

    def _until(self, step: int) -> int:
        """`step`, or the last that COUNT allows."""
        count = self.rule.count
        return step if count is None or step < count else min(step, self._last_counted)

    def _index(self, moment: datetime) -> int:
        if moment.tzinfo is None:
            raise ValueError("An instant is aware; this one has no zone.")
        return (moment - self._anchor) // self._interval

    @property
    def _interval(self) -> timedelta:
        return timedelta(hours=self.rule.interval)

    @cached_property
    def _anchor(self) -> datetime:
        # Liberia was 44 minutes and 30 seconds behind, until 1972.
        return whole_minute(self.start.at)

    @cached_property
    def _last(self) -> int:
        """The last step before UNTIL and the end of the year 2100."""
        until = self.rule.until
        if isinstance(until, datetime):
            return self._index(min(until, END))
        if until is not None:
            after = start_of_day(until + timedelta(days=1), self.start.tz)
            return self._index(min(after - timedelta(microseconds=1), END))
        return self._index(END)

    @cached_property
    def _last_counted(self) -> int:
        count = self.rule.count or 0
        if not self.rule.by_day:
            return count - 1
        found = next(islice(self._picked(range(self._last + 1)), count - 1, None), None)
        return self._last if found is None else self._index(found.at)


def _is_skipped(found: Occurrence) -> bool:
    if local_day(found.at, found.tz) == found.day:
        return False
    return local_day(start_of_day(found.day, found.tz), found.tz) != found.day
