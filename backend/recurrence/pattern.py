"""
The local days that a rule without end picks.

They are picked here and not by python-dateutil, because dateutil looks at UNTIL only when a day
matches: a rule that never does runs to the year 9999, and nothing can stop it (measured: 1.7 s
for FREQ=DAILY;INTERVAL=7;BYDAY=TU from a Monday). Here a last day bounds the work whatever the
rule says, and any other day is reached by arithmetic. The tests hold the two against each other.
"""

from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from backend.recurrence.rule_text import ByDay, Freq

# By weekdays alone, days and weeks go round in this many intervals.
WEEK = 7
SHORTEST = 28


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    What FREQ, INTERVAL, WKST and the BY parts of RFC 5545, section 3.3.10, say of days.

    Lists are sorted and free of repetition; `week_start` is 0 for Monday. Not for HOURLY, which
    picks instants.
    """

    freq: Freq
    interval: int = 1
    week_start: int = 0
    by_day: tuple[ByDay, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()

    @property
    def is_interval_only(self) -> bool:
        """Whether it is a bare "every n hours, days, weeks, months or years"."""
        return not (self.by_day or self.by_month_day or self.by_month)

    def days(self, start: date, *, since: date, last: date) -> Iterator[date]:
        """
        Yield, rising, the days from `since` to `last` that are picked if begun on `start`.

        Costs nothing for the time between `start` and `since`, and at most one look at each day
        from `since` to `last`.
        """
        since = max(start, since)
        for period in self._periods(start, since, last):
            for day in self._picked(period, start):
                if since <= day <= last:
                    yield day

    def days_back(self, start: date, *, upto: date) -> Iterator[date]:
        """Yield, falling, the days from `upto` back to `start` that are picked if begun there."""
        for period in reversed(self._periods(start, start, upto)):
            for day in reversed(self._picked(period, start)):
                if start <= day <= upto:
                    yield day

    def nth(self, start: date, number: int, *, last: date) -> date | None:
        """
        Return the day picked as the `number`-th, 1 being the first; None if not by `last`.

        By arithmetic where all periods have equally many, or weeks go round; otherwise by walking
        that many.
        """
        if self._goes_round:
            return self._nth_going_round(start, number, last=last)
        if self._is_steady(start):
            return self._nth_of_steady(start, number, last=last)
        return next(islice(self.days(start, since=start, last=last), number - 1, None), None)

    def _nth_going_round(self, start: date, number: int, *, last: date) -> date | None:
        cycle = timedelta(days=WEEK * self.interval)
        each = list(self.days(start, since=start, last=start + cycle - timedelta(days=1)))
        if not each:
            return None
        cycles, place = divmod(number - 1, len(each))
        found = each[place]
        return found + cycles * cycle if (last - found).days >= cycles * cycle.days else None

    def _nth_of_steady(self, start: date, number: int, *, last: date) -> date | None:
        periods = self._periods(start, start, last)
        in_first = [day for day in self._picked(periods[0], start) if day >= start]
        if number <= len(in_first):
            found = in_first[number - 1]
            return found if found <= last else None
        each = len(self._picked(periods[0] + self.interval, start))
        later, place = divmod(number - len(in_first) - 1, each)
        if later + 1 >= len(periods):
            return None
        found = self._picked(periods[later + 1], start)[place]
        return found if found <= last else None

    @property
    def _goes_round(self) -> bool:
        weekly = self.freq in (Freq.DAILY, Freq.WEEKLY)
        return weekly and not (self.by_month or self.by_month_day)

    def _is_steady(self, start: date) -> bool:
        """Whether each month or year has equally many: all have 28 days, and 4 of each weekday."""
        periods = (Freq.YEARLY,) if self.by_month else (Freq.MONTHLY, Freq.YEARLY)
        if self.freq not in periods or (self.by_day and self.by_month_day):
            return False
        if not (self.by_day or self.by_month_day):
            return start.day <= SHORTEST and not self.by_set_pos
        if self.by_set_pos:
            plain = bool(self.by_day) and not any(nth for _, nth in self.by_day)
            return plain and _same_end(self.by_set_pos, SHORTEST // WEEK)
        if self.by_day:
            return _same_end([nth for _, nth in self.by_day], SHORTEST // WEEK)
        return _same_end(self.by_month_day, SHORTEST)

    @property
    def _walks_months(self) -> bool:
        # Days named by their month are looked for there, not day by day for years.
        return self.freq is Freq.DAILY and bool(self.by_month or self.by_month_day)

    def _periods(self, start: date, since: date, last: date) -> range:
        step = 1 if self._walks_months else self.interval
        nearest = self._period(since)
        nearest -= (nearest - self._period(start)) % step  # Keep every second Monday the second.
        return range(nearest, self._period(last) + 1, step)

    def _picked(self, period: int, start: date) -> list[date]:
        picked = [
            day
            for first, length in self._stretches(period)
            for day in self._in_stretch(first, length, start)
        ]
        if self.freq is Freq.WEEKLY and self.by_month:
            picked = [day for day in picked if day.month in self.by_month]
        if self._walks_months and self.interval > 1:
            begun = start.toordinal()
            picked = [day for day in picked if (day.toordinal() - begun) % self.interval == 0]
        return self._at_positions(picked) if self.by_set_pos else picked

    def _at_positions(self, picked: list[date]) -> list[date]:
        if self._walks_months:  # Each day is the first and the last of itself.
            return picked if {1, -1} & set(self.by_set_pos) else []
        wanted = {pos - 1 if pos > 0 else len(picked) + pos for pos in self.by_set_pos}
        return [day for index, day in enumerate(picked) if index in wanted]

    def _period(self, day: date) -> int:
        match self.freq:
            case Freq.DAILY if not self._walks_months:
                return day.toordinal()
            case Freq.WEEKLY:  # Ordinal 1 is a Monday.
                return (day.toordinal() - 1 - self.week_start) // WEEK
            case Freq.YEARLY:
                return day.year
            case _:
                return day.year * 12 + day.month - 1

    def _stretches(self, period: int) -> list[tuple[date, int]]:
        """The first day and the length of what numbers in BYDAY and BYMONTHDAY count in."""
        match self.freq:
            case Freq.DAILY if not self._walks_months:
                return [(date.fromordinal(period), 1)]
            case Freq.WEEKLY:
                first = date.fromordinal(period * WEEK + 1 + self.week_start)
                months = {first.month, (first + timedelta(days=WEEK - 1)).month}
                wanted = not self.by_month or not months.isdisjoint(self.by_month)
                return [(first, WEEK)] if wanted else []
            case Freq.YEARLY if not self.by_month:
                return [(date(period, 1, 1), 365 + isleap(period))]
            case Freq.YEARLY:
                return [_month(period, month) for month in self.by_month]
            case _:
                year, month = divmod(period, 12)
                wanted = not self.by_month or month + 1 in self.by_month
                return [_month(year, month + 1)] if wanted else []

    def _in_stretch(self, first: date, length: int, start: date) -> list[date]:
        if not self.by_day and not self.by_month_day:
            return self._like_start(first, length, start)
        places = set(range(length))
        if self.by_day:
            places &= self._weekday_places(first, length)
        if self.by_month_day and places:
            places &= self._month_day_places(first, length)
        return [first + timedelta(days=place) for place in sorted(places)]

    def _like_start(self, first: date, length: int, start: date) -> list[date]:
        match self.freq:
            case Freq.DAILY:
                return [first + timedelta(days=place) for place in range(length)]
            case Freq.WEEKLY:
                return [first + timedelta(days=(start.weekday() - self.week_start) % WEEK)]
            case Freq.YEARLY if not self.by_month:
                exists = (start.month, start.day) != (2, 29) or isleap(first.year)
                return [start.replace(year=first.year)] if exists else []
            case _:
                return [first.replace(day=start.day)] if start.day <= length else []

    def _weekday_places(self, first: date, length: int) -> set[int]:
        found: set[int] = set()
        for weekday, nth in self.by_day:
            each = range((weekday - first.weekday()) % WEEK, length, WEEK)
            if nth == 0:
                found.update(each)
            elif abs(nth) <= len(each):
                found.add(each[nth - 1 if nth > 0 else nth])
        return found

    def _month_day_places(self, first: date, length: int) -> set[int]:
        found: set[int] = set()
        month = 1 - first.day  # The place of the month's first day; the stretch may begin later.
        while month < length:
            day = first + timedelta(days=max(month, 0))
            days = range(month, month + monthrange(day.year, day.month)[1])
            for nth in self.by_month_day:
                if abs(nth) <= len(days):
                    found.add(days[nth - 1 if nth > 0 else nth])
            month = days.stop
        return found


def _same_end(places: Sequence[int], most: int) -> bool:
    # Counted from both ends, two may be the same day in one month and not in another.
    return all(0 < place <= most for place in places) or all(-most <= place < 0 for place in places)


def _month(year: int, month: int) -> tuple[date, int]:
    return date(year, month, 1), monthrange(year, month)[1]
