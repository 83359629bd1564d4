"""
Recurrence rules of RFC 5545: reading them, writing them, and the local days they pick.

Days are picked here and not by python-dateutil, because dateutil looks at UNTIL only when a day
matches: a rule that never does runs to the year 9999, and nothing can stop it (measured: 1.7 s
for FREQ=DAILY;INTERVAL=7;BYDAY=TU from a Monday). Here `last` bounds the work whatever the rule
says, and `since` is reached by arithmetic. The tests hold the two against each other.
"""

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.kit.wallclock import FIRST_DAY, LAST_DAY
from backend.recurrence.rule_text import (
    DAYS,
    ByDay,
    Freq,
    by_day_text,
    invalid,
    read_by_day,
    read_freq,
    read_number,
    read_numbers,
    read_parts,
    read_until,
    read_week_start,
    until_text,
)

MAX_INTERVAL = MAX_COUNT = 1000

# A rule that picks no day here never will, or so rarely that it is a mistake. These five years
# hold 29 February, and a 53rd of every weekday.
SAMPLE = (date(2024, 1, 1), date(2028, 12, 31))


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One RRULE value. Lists are sorted and free of repetition; `week_start` is 0 for Monday.

    `until` is inclusive: a local day to its end, or an aware UTC instant.

    Raises:
        InvalidArgument: `invalid-recurrence`; the parts contradict each other or RFC 5545.
    """

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    week_start: int = 0
    by_day: tuple[ByDay, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse contradictions, with a sentence for each."""
        for wrong, sentence in self._contradictions():
            if wrong:
                raise invalid(sentence)

    @classmethod
    def parse(cls, text: object) -> "Rule":
        """
        Read a rule such as "FREQ=MONTHLY;BYDAY=-1FR". Takes time in proportion to its length.

        Raises:
            InvalidArgument: `invalid-recurrence`; it is malformed, contradicts itself, uses
                something not supported, or never picks a day.
        """
        parts = read_parts(text)
        interval = read_number(parts, "INTERVAL")
        rule = cls(
            freq=read_freq(parts),
            interval=1 if interval is None else interval,
            count=read_number(parts, "COUNT"),
            until=read_until(parts),
            week_start=read_week_start(parts),
            by_day=read_by_day(parts),
            by_month_day=read_numbers(parts, "BYMONTHDAY"),
            by_set_pos=read_numbers(parts, "BYSETPOS"),
        )
        if next(rule._days(SAMPLE[0], *SAMPLE, step=1), None) is None:
            raise invalid("The rule never picks a day.")
        return rule

    @property
    def text(self) -> str:
        """The rule in its one normal spelling: parts in a fixed order, defaults left out."""
        parts = {
            "FREQ": self.freq.value,
            "INTERVAL": "" if self.interval == 1 else str(self.interval),
            "COUNT": "" if self.count is None else str(self.count),
            "UNTIL": until_text(self.until),
            "WKST": DAYS[self.week_start] if self.week_start else "",
            "BYDAY": by_day_text(self.by_day),
            "BYMONTHDAY": ",".join(map(str, self.by_month_day)),
            "BYSETPOS": ",".join(map(str, self.by_set_pos)),
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    @property
    def is_interval_only(self) -> bool:
        """Whether the rule is a bare "every n days, weeks, months or years"."""
        return not (self.by_day or self.by_month_day)

    def days(self, start: date, *, since: date, last: date) -> Iterator[date]:
        """
        Yield, rising, the days from `since` to `last` which the rule picks if begun on `start`.

        Looks neither at COUNT nor at UNTIL. Costs nothing for the time between `start` and
        `since`, and at most one look at each day from `since` to `last`.
        """
        return self._days(start, max(start, since), last, step=self.interval)

    def _days(self, start: date, since: date, last: date, *, step: int) -> Iterator[date]:
        nearest = self._period(since)
        nearest -= (nearest - self._period(start)) % step  # Keep every second Monday the second.
        for period in range(nearest, self._period(last) + 1, step):
            for day in self._picked(period, start):
                if since <= day <= last:
                    yield day

    def _picked(self, period: int, start: date) -> list[date]:
        first, length = self._extent(period)
        if self.is_interval_only:
            return self._like_start(first, length, start)
        places = set(range(length))
        if self.by_day:
            places &= self._weekday_places(first, length)
        if self.by_month_day and places:
            places &= self._month_day_places(first, length)
        picked = sorted(places)
        if self.by_set_pos:
            wanted = {pos - 1 if pos > 0 else len(picked) + pos for pos in self.by_set_pos}
            picked = [place for index, place in enumerate(picked) if index in wanted]
        return [first + timedelta(days=place) for place in picked]

    def _period(self, day: date) -> int:
        match self.freq:
            case Freq.DAILY:
                return day.toordinal()
            case Freq.WEEKLY:  # Ordinal 1 is a Monday.
                return (day.toordinal() - 1 - self.week_start) // 7
            case Freq.MONTHLY:
                return day.year * 12 + day.month - 1
            case Freq.YEARLY:
                return day.year

    def _extent(self, period: int) -> tuple[date, int]:
        match self.freq:
            case Freq.DAILY:
                return date.fromordinal(period), 1
            case Freq.WEEKLY:
                return date.fromordinal(period * 7 + 1 + self.week_start), 7
            case Freq.MONTHLY:
                first = date(period // 12, period % 12 + 1, 1)
                return first, monthrange(first.year, first.month)[1]
            case Freq.YEARLY:
                return date(period, 1, 1), 365 + isleap(period)

    def _like_start(self, first: date, length: int, start: date) -> list[date]:
        match self.freq:
            case Freq.DAILY:
                return [first]
            case Freq.WEEKLY:
                return [first + timedelta(days=(start.weekday() - self.week_start) % 7)]
            case Freq.MONTHLY:
                return [first.replace(day=start.day)] if start.day <= length else []
            case Freq.YEARLY:
                exists = (start.month, start.day) != (2, 29) or isleap(first.year)
                return [start.replace(year=first.year)] if exists else []

    def _weekday_places(self, first: date, length: int) -> set[int]:
        found: set[int] = set()
        for weekday, nth in self.by_day:
            each = range((weekday - first.weekday()) % 7, length, 7)
            if nth == 0:
                found.update(each)
            elif abs(nth) <= len(each):
                found.add(each[nth - 1 if nth > 0 else nth])
        return found

    def _month_day_places(self, first: date, length: int) -> set[int]:
        found: set[int] = set()
        month = 1 - first.day  # The place of the month's first day; the period may begin later.
        while month < length:
            day = first + timedelta(days=max(month, 0))
            days = range(month, month + monthrange(day.year, day.month)[1])
            for nth in self.by_month_day:
                if abs(nth) <= len(days):
                    found.add(days[nth - 1 if nth > 0 else nth])
            month = days.stop
        return found

    def _contradictions(self) -> Iterator[tuple[bool, str]]:
        nths = [abs(each.nth) for each in self.by_day]
        widest = {Freq.MONTHLY: 5, Freq.YEARLY: 53}.get(self.freq, 0)
        yield not 1 <= self.interval <= MAX_INTERVAL, f"INTERVAL is from 1 to {MAX_INTERVAL}."
        if self.count is not None:
            yield not 1 <= self.count <= MAX_COUNT, f"COUNT is from 1 to {MAX_COUNT}."
            yield self.until is not None, "A rule has COUNT or UNTIL, not both."
        if self.until is not None:
            years = FIRST_DAY.year, LAST_DAY.year
            yield not years[0] <= self.until.year <= years[1], "UNTIL is from 1970 to 2100."
        yield any(nths) and not widest, "A number in BYDAY needs FREQ=MONTHLY or FREQ=YEARLY."
        yield max(nths, default=0) > widest > 0, f"A number in BYDAY is at most {widest} here."
        yield bool(self.by_month_day) and self.freq is Freq.WEEKLY, "BYMONTHDAY needs another FREQ."
        yield not _within(self.by_month_day, 31), "BYMONTHDAY is 1 to 31, or -31 to -1."
        yield not _within(self.by_set_pos, 366), "BYSETPOS is 1 to 366, or -366 to -1."
        yield bool(self.by_set_pos) and self.is_interval_only, "BYSETPOS needs another BY part."


def _within(numbers: tuple[int, ...], most: int) -> bool:
    return all(1 <= abs(number) <= most for number in numbers)
