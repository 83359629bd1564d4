"""The English words for when a task comes again."""

import re
from collections.abc import Iterable
from datetime import date, time

from backend.recurrence.rule_text import Freq

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve"),
)
ORDINALS = ("first", "second", "third", "fourth", "fifth")
WORKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)
GROUPS = {"weekday": WORKDAYS, "workday": WORKDAYS, "weekend": WEEKEND}

UNITS = {
    "hour": (Freq.HOURLY, 1),
    "day": (Freq.DAILY, 1),
    "week": (Freq.WEEKLY, 1),
    "fortnight": (Freq.WEEKLY, 2),
    "month": (Freq.MONTHLY, 1),
    "quarter": (Freq.MONTHLY, 3),
    "year": (Freq.YEARLY, 1),
}
ADVERBS = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "fortnightly": "fortnight",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
}

DIGITS = re.compile(r"[0-9]{1,4}")
NTH = re.compile(r"([0-9]{1,2})(st|nd|rd|th)")
CLOCK = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?(am|pm)?")
NAMED_TIMES = {"noon": time(12), "midnight": time(0)}


def _spellings(names: Iterable[str], *more: tuple[str, int]) -> dict[str, int]:
    found = dict(more)
    for place, name in enumerate(names):
        found |= {name: place, name[:3]: place}
    return found


WEEKDAY_OF = _spellings(WEEKDAYS, ("tues", 1), ("thur", 3), ("thurs", 3)) | {
    f"{name}s": place for place, name in enumerate(WEEKDAYS)
}
MONTH_OF = {name: place + 1 for name, place in _spellings(MONTHS, ("sept", 8)).items()}


def singular(word: str) -> str:
    """Return "day" for "days"."""
    return word.removesuffix("s")


def number(word: str) -> int | None:
    """Read "3" or "three", from one to four digits."""
    if DIGITS.fullmatch(word):
        return int(word)
    return NUMBERS.index(word) + 1 if word in NUMBERS else None


def ordinal(word: str) -> int | None:
    """Read "3rd" or "third"."""
    if found := NTH.fullmatch(word):
        return int(found[1]) or None
    return ORDINALS.index(word) + 1 if word in ORDINALS else None


def nth(place: int) -> str:
    """Say 3 as "3rd", -1 as "last", -2 as "2nd last"."""
    if place == -1:
        return "last"
    if place < 0:
        return f"{nth(-place)} last"
    teens = 10 < place % 100 < 20
    return f"{place}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def clock(word: str) -> time | None:
    """Read "9", "9:00", "9am", "9:30pm", "noon"."""
    if word in NAMED_TIMES:
        return NAMED_TIMES[word]
    found = CLOCK.fullmatch(word)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def day_of(year: int, month: int, day: int) -> date | None:
    """Return the day, if it exists."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
