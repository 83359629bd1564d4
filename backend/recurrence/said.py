"""What words have said of a rule, and the rule they make."""

from dataclasses import dataclass, field
from datetime import time

from backend.recurrence.lexicon import WORKDAYS
from backend.recurrence.rule_text import DAYS, Freq, invalid


@dataclass
class Said:
    """What has been understood so far."""

    freq: Freq | None = None
    interval: int = 1
    is_after_completion: bool = False
    weekdays: list[tuple[int, int]] = field(default_factory=list)
    month_days: list[int] = field(default_factory=list)
    workday: int | None = None
    months: list[int] = field(default_factory=list)
    dates: set[tuple[int, int]] = field(default_factory=set)
    is_of_year: bool = False
    at: time | None = None
    until: str | None = None
    count: int | None = None

    @property
    def is_numbered(self) -> bool:
        """Whether a day of the month, or the nth of a weekday, is named."""
        return bool(self.month_days or self.workday or any(nth for _, nth in self.weekdays))

    @property
    def rule_text(self) -> str:
        """
        The rule that has been said.

        Raises:
            InvalidArgument: it could be meant in two ways, or in none.
        """
        if self.freq is Freq.YEARLY and self.is_numbered and not (self.months or self.is_of_year):
            raise invalid('Which month? For example "on the 29th of February".')
        if self.is_of_year and (self.freq is not Freq.YEARLY or self.months or self.month_days):
            raise invalid('"of the year" goes with "every year" and weekdays.')
        if self.dates and len(self.dates) < len(set(self.months)) * len(set(self.month_days)):
            raise invalid("These days do not make one rule: each month would have each of them.")
        if self.weekdays and self.month_days:
            raise invalid("Weekdays and days of the month do not go together: both, or either?")
        if self.workday and (self.weekdays or self.month_days):
            raise invalid('"weekday" with a number stands alone.')
        days = [(place, 0) for place in WORKDAYS] if self.workday else self.weekdays
        parts = {
            "FREQ": self.freq,
            "INTERVAL": self.interval,
            "COUNT": self.count,
            "UNTIL": self.until,
            "BYMONTH": ",".join(map(str, self.months)),
            "BYDAY": ",".join(f"{nth or ''}{DAYS[weekday]}" for weekday, nth in days),
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "BYSETPOS": self.workday,
        }
        said = {name: value for name, value in parts.items() if value not in (None, "")}
        return ";".join(f"{name}={value}" for name, value in said.items())
