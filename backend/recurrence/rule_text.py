"""The words of an RFC 5545 rule, one by one: read strictly, in time linear in their length."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from backend.kit.errors import InvalidArgument

CODE = "invalid-recurrence"
MAX_LENGTH = 500
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"),
)
NOT_HERE = {
    "BYYEARDAY": "BYYEARDAY is not supported: name the day by BYMONTH and BYMONTHDAY.",
    "BYWEEKNO": "BYWEEKNO is not supported: weeks are counted by INTERVAL, months by BYMONTH.",
    "BYHOUR": "BYHOUR is not supported: the time of day is the start's.",
    "BYMINUTE": "BYMINUTE is not supported: the time of day is the start's.",
    "BYSECOND": "BYSECOND is not supported: the time of day is the start's.",
    "EXDATE": "EXDATE is no part of a rule: `exdates` takes it.",
    "RDATE": "RDATE is no part of a rule: `rdates` takes it.",
    "DTSTART": "DTSTART is no part of a rule: `start` says when it begins.",
}
BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z)?")


class Freq(StrEnum):
    """The period a rule counts in: hours of UTC, or days and more of the local calendar."""

    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class ByDay(NamedTuple):
    """A weekday, 0 for Monday; `nth` of the month or year, from its end if negative, 0: each."""

    weekday: int
    nth: int = 0


def invalid(sentence: str, *, pointer: str = "/rule") -> InvalidArgument:
    """Build the error for a rule that cannot be used, worded for the person who wrote it."""
    return InvalidArgument(sentence, code=CODE, pointer=pointer)


def read_parts(text: object) -> dict[str, str]:
    """
    Take a rule apart into its parts by name, in capitals; none is empty or repeated.

    Raises:
        InvalidArgument: `invalid-recurrence`; as for every function here.
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_LENGTH:
        raise invalid(f"A rule is a text of 1 to {MAX_LENGTH} characters.")
    if not text.isascii() or not text.isprintable():
        raise invalid("A rule is one line; `rdates`, `exdates` and `start` go beside it.")
    found: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, _, value = part.partition("=")
        if name in NOT_HERE:
            raise invalid(NOT_HERE[name])
        if name not in PARTS or not value:
            raise invalid(f"A rule is made of NAME=value, joined by ';', from {', '.join(PARTS)}.")
        if name in found:
            raise invalid(f"{name} is given twice.")
        found[name] = value
    return found


def read_freq(parts: Mapping[str, str]) -> Freq:
    """Read FREQ, which every rule has."""
    found = parts.get("FREQ")
    if found not in set(Freq):
        raise invalid("FREQ is HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY.")
    return Freq(found)


def read_number(parts: Mapping[str, str], name: str) -> int | None:
    """Read INTERVAL or COUNT, or None if the rule has none."""
    return _number(name, parts[name]) if name in parts else None


def read_numbers(parts: Mapping[str, str], name: str) -> tuple[int, ...]:
    """Read a list of numbers: sorted, each once."""
    return tuple(sorted({_number(name, each) for each in _items(parts, name)}))


def read_by_day(parts: Mapping[str, str]) -> tuple[ByDay, ...]:
    """Read BYDAY: sorted by weekday, each once."""
    return tuple(sorted({_weekday(each) for each in _items(parts, "BYDAY")}))


def read_week_start(parts: Mapping[str, str]) -> int:
    """Read WKST: 0 for Monday, also when the rule has none."""
    found = parts.get("WKST", "MO")
    if found not in DAYS:
        raise invalid(f"WKST is one of {', '.join(DAYS)}.")
    return DAYS.index(found)


def read_until(parts: Mapping[str, str]) -> date | datetime | None:
    """Read UNTIL: a local day, an aware UTC instant, or None if the rule has none."""
    if "UNTIL" not in parts:
        return None
    text = parts["UNTIL"]
    if UNTIL.fullmatch(text):
        try:
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        except ValueError:
            pass  # 30 February, or 24:60.
    raise invalid("UNTIL is a day (20261231) or an instant in UTC (20261231T225959Z).")


def until_text(until: date | datetime | None) -> str:
    """Write UNTIL back; "" for None."""
    if until is None:
        return ""
    return until.strftime("%Y%m%dT%H%M%SZ" if isinstance(until, datetime) else "%Y%m%d")


def by_day_text(picks: Iterable[ByDay]) -> str:
    """Write BYDAY back; "" for none."""
    return ",".join(f"{pick.nth or ''}{DAYS[pick.weekday]}" for pick in picks)


def _items(parts: Mapping[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _number(name: str, text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise invalid(f"{name} takes whole numbers of at most four digits.")
    return int(text)


def _weekday(text: str) -> ByDay:
    found = BY_DAY.fullmatch(text)
    if found is None or (found[1] and int(found[1]) == 0):  # 0MO is not "every Monday".
        raise invalid(f"BYDAY is made of {', '.join(DAYS)}, perhaps numbered (-1FR).")
    return ByDay(DAYS.index(found[2]), int(found[1] or 0))
