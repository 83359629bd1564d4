"""
RFC 5545, section 3.3.10, said once more: day by day and hour by hour, by asking of each.

It shares no code with what it judges, not even the reading of a rule, and knows no arithmetic
beyond "is this day in a period that counts". A rule that starts elsewhere than on one of its days
does not pick its start, as `Recurrence` has it.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ONE = timedelta(days=1)


class Said:
    """The parts of a rule, as written."""

    def __init__(self, text: str) -> None:
        parts = dict(part.split("=") for part in text.split(";"))
        self.freq = parts["FREQ"]
        self.interval = int(parts.get("INTERVAL", "1"))
        self.week_start = DAYS.index(parts.get("WKST", "MO"))
        self.months = self._numbers(parts, "BYMONTH")
        self.month_days = self._numbers(parts, "BYMONTHDAY")
        self.positions = self._numbers(parts, "BYSETPOS")
        by_day = parts["BYDAY"].split(",") if "BYDAY" in parts else []
        self.weekdays = [(DAYS.index(each[-2:]), int(each[:-2] or 0)) for each in by_day]

    @staticmethod
    def _numbers(parts: dict[str, str], name: str) -> list[int]:
        return [int(each) for each in parts[name].split(",")] if name in parts else []


def days_picked(text: str, start: date, last: date) -> Iterator[date]:
    """The days from `start` to `last` that the rule picks, without its COUNT and UNTIL."""
    said = Said(text)
    set_of: list[date] = []
    day = period_begins(said, start)
    count, of = 0, period_of(said, day)
    while day <= last or of == period_of(said, day):
        if period_of(said, day) != of:
            yield from (each for each in positioned(said, set_of) if start <= each <= last)
            set_of, count, of = [], count + 1, period_of(said, day)
        if count % said.interval == 0 and fits(said, day, start):
            set_of.append(day)
        day += ONE
    if count % said.interval == 0:
        yield from (each for each in positioned(said, set_of) if start <= each <= last)


def hours_picked(text: str, start: datetime, tz: str, last: datetime) -> Iterator[datetime]:
    """The instants of an hourly rule, looked for at each hour after an aware start."""
    said, here = Said(text), ZoneInfo(tz)
    moment, hours = start.astimezone(UTC), 0
    while moment <= last:
        weekday = moment.astimezone(here).weekday()
        if hours % said.interval == 0 and (
            not said.weekdays or weekday in [each for each, _ in said.weekdays]
        ):
            yield moment
        moment, hours = moment + timedelta(hours=1), hours + 1


def period_of(said: Said, day: date) -> object:
    """What a day has in common with the others of its period."""
    if said.freq == "YEARLY":
        return day.year
    if said.freq == "MONTHLY":
        return day.year, day.month
    return day if said.freq == "DAILY" else period_begins(said, day)


def period_begins(said: Said, day: date) -> date:
    """The first day of the period that a day is in."""
    if said.freq == "YEARLY":
        return date(day.year, 1, 1)
    if said.freq == "MONTHLY":
        return date(day.year, day.month, 1)
    if said.freq == "WEEKLY":
        while day.weekday() != said.week_start:
            day -= ONE
    return day


def positioned(said: Said, days: list[date]) -> list[date]:
    """Those of a period's days that BYSETPOS keeps."""
    if not said.positions:
        return days
    kept = []
    for index, day in enumerate(days):
        if index + 1 in said.positions or index - len(days) in said.positions:
            kept.append(day)
    return kept


def fits(said: Said, day: date, start: date) -> bool:
    """Whether each BY part has the day; what none names is as on the start."""
    if said.months and day.month not in said.months:
        return False
    if said.month_days and not is_month_day(said, day):
        return False
    if said.weekdays:
        return is_weekday(said, day)
    return bool(said.month_days) or is_like_start(said, day, start)


def is_like_start(said: Said, day: date, start: date) -> bool:
    """Whether a day has the same place in its period as the start has in its own."""
    if said.freq == "WEEKLY":
        return day.weekday() == start.weekday()
    same_day = said.freq == "DAILY" or day.day == start.day
    return same_day and (said.freq != "YEARLY" or bool(said.months) or day.month == start.month)


def is_month_day(said: Said, day: date) -> bool:
    """Whether BYMONTHDAY has it, counted from either end of its month."""
    length = monthrange(day.year, day.month)[1]
    return day.day in said.month_days or day.day - length - 1 in said.month_days


def is_weekday(said: Said, day: date) -> bool:
    """Whether BYDAY has it: numbered within the month, or within the year if no month is named."""
    yearly = said.freq == "YEARLY" and not said.months
    first = date(day.year, 1 if yearly else day.month, 1)
    last = (
        date(day.year, 12, 31) if yearly else first.replace(day=monthrange(day.year, day.month)[1])
    )
    from_first, from_last = (day - first).days // 7 + 1, -((last - day).days // 7) - 1
    return any(
        day.weekday() == weekday and nth in (0, from_first, from_last)
        for weekday, nth in said.weekdays
    )
