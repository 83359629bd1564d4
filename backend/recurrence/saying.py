"""A rule in English, in words that `read_words` understands."""

from datetime import datetime

from backend.recurrence.lexicon import MONTHS, WEEKDAYS, WORKDAYS, nth
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import ByDay, Freq
from backend.recurrence.series import Mode

UNITS = {
    Freq.HOURLY: "hour",
    Freq.DAILY: "day",
    Freq.WEEKLY: "week",
    Freq.MONTHLY: "month",
    Freq.YEARLY: "year",
}
ON_WORKDAYS = tuple(ByDay(place) for place in WORKDAYS)


def words_of(rule: Rule, mode: Mode) -> str:
    """
    Say when a task comes again: "every 2 weeks on Monday and Thursday until 31 December 2027".

    A rule for which there are no such words comes back as its RFC 5545 text. Either way
    `read_words` makes the same rule of it.
    """
    if not _has_words(rule):
        return rule.text
    every = "every!" if mode is Mode.AFTER_COMPLETION else "every"
    return " ".join(filter(None, [every, _subject(rule), _ending(rule)]))


def _has_words(rule: Rule) -> bool:
    numbered = bool(rule.by_month_day or any(pick.nth for pick in rule.by_day))
    if rule.week_start or (rule.by_day and rule.by_month_day):
        return False
    if rule.by_set_pos:
        monthly = rule.freq is Freq.MONTHLY or (rule.freq is Freq.YEARLY and rule.by_month)
        alone = len(rule.by_set_pos) == 1 and rule.by_day == ON_WORKDAYS
        return bool(monthly and alone)
    if rule.freq is Freq.YEARLY and not rule.by_month:
        return not rule.by_month_day
    return rule.freq in (Freq.MONTHLY, Freq.YEARLY) or not numbered or rule.freq is Freq.DAILY


def _subject(rule: Rule) -> str:
    days = _days(rule)
    if rule.freq is Freq.WEEKLY and rule.interval == 1 and days and not rule.by_month:
        return days
    unit = UNITS[rule.freq]
    found = unit if rule.interval == 1 else f"{rule.interval} {unit}s"
    if days:
        found += " on weekdays" if days == "weekday" else f" on {days}"
    if rule.by_month:
        joined = _and([MONTHS[month - 1].capitalize() for month in rule.by_month])
        found += f" of {joined}" if days and rule.freq is Freq.YEARLY else f" in {joined}"
    elif days and rule.freq is Freq.YEARLY:
        found += " of the year"
    return found


def _days(rule: Rule) -> str:
    if rule.by_set_pos:
        return f"the {nth(rule.by_set_pos[0])} weekday"
    if rule.by_day == ON_WORKDAYS:
        return "weekday"
    named = [_weekday(pick) for pick in rule.by_day]
    return _and(named + [_month_day(place) for place in rule.by_month_day])


def _weekday(pick: ByDay) -> str:
    name = WEEKDAYS[pick.weekday].capitalize()
    return f"the {nth(pick.nth)} {name}" if pick.nth else name


def _month_day(place: int) -> str:
    return f"the {nth(place)} day" if place < 0 else f"the {nth(place)}"


def _ending(rule: Rule) -> str:
    if rule.count is not None:
        return f"for {rule.count} times"
    if isinstance(rule.until, datetime):
        return f"until {rule.until:%Y-%m-%dT%H:%M:%SZ}"
    if rule.until is not None:
        month = MONTHS[rule.until.month - 1].capitalize()
        return f"until {rule.until.day} {month} {rule.until.year}"
    return ""


def _and(names: list[str]) -> str:
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last
