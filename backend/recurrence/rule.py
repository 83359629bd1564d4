"""Recurrence rules of RFC 5545, section 3.3.10: reading, checking and writing them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from backend.kit.wallclock import FIRST_DAY, LAST_DAY
from backend.recurrence.pattern import Pattern
from backend.recurrence.rule_text import (
    DAYS,
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
class Rule(Pattern):
    """
    One RRULE value: a pattern and its end.

    `until` is inclusive: a local day to its end, or an aware UTC instant. `days` and the other
    methods of a pattern look neither at COUNT nor at UNTIL.

    Raises:
        InvalidArgument: `invalid-recurrence`; the parts contradict each other or RFC 5545.
    """

    count: int | None = None
    until: date | datetime | None = None

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
            by_month=read_numbers(parts, "BYMONTH"),
            by_month_day=read_numbers(parts, "BYMONTHDAY"),
            by_set_pos=read_numbers(parts, "BYSETPOS"),
        )
        if not rule._ever_picks():
            raise invalid("The rule never picks a day.")
        return rule if rule._minds_week_start else replace(rule, week_start=0)

    @property
    def text(self) -> str:
        """The rule in its one normal spelling: parts in a fixed order, defaults left out."""
        parts = {
            "FREQ": self.freq.value,
            "INTERVAL": "" if self.interval == 1 else str(self.interval),
            "COUNT": "" if self.count is None else str(self.count),
            "UNTIL": until_text(self.until),
            "WKST": DAYS[self.week_start] if self.week_start else "",
            "BYMONTH": ",".join(map(str, self.by_month)),
            "BYDAY": by_day_text(self.by_day),
            "BYMONTHDAY": ",".join(map(str, self.by_month_day)),
            "BYSETPOS": ",".join(map(str, self.by_set_pos)),
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    @property
    def _minds_week_start(self) -> bool:
        # Calendars write WKST into every rule. Here alone it tells which days are one week's.
        weekly = self.freq is Freq.WEEKLY and bool(self.by_day)
        return weekly and (self.interval > 1 or bool(self.by_set_pos))

    def _ever_picks(self) -> bool:
        if self.freq is Freq.HOURLY:
            return True
        each_period = replace(self, interval=1)
        return next(each_period.days(SAMPLE[0], since=SAMPLE[0], last=SAMPLE[1]), None) is not None

    def _contradictions(self) -> Iterator[tuple[bool, str]]:
        nths = [abs(each.nth) for each in self.by_day]
        widest = {Freq.MONTHLY: 5, Freq.YEARLY: 5 if self.by_month else 53}.get(self.freq, 0)
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
        if self.freq is Freq.HOURLY:
            named = self.by_month or self.by_month_day or self.by_set_pos
            yield bool(named), "FREQ=HOURLY takes no BY part but BYDAY."
        yield any(not 1 <= month <= 12 for month in self.by_month), "BYMONTH is 1 to 12."
        yield not _within(self.by_month_day, 31), "BYMONTHDAY is 1 to 31, or -31 to -1."
        yield not _within(self.by_set_pos, 366), "BYSETPOS is 1 to 366, or -366 to -1."
        yield bool(self.by_set_pos) and self.is_interval_only, "BYSETPOS needs another BY part."


def _within(numbers: tuple[int, ...], most: int) -> bool:
    return all(1 <= abs(number) <= most for number in numbers)
