"""Recurrences for tests, and what python-dateutil makes of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time

from dateutil import rrule

from backend.kit.wallclock import resolve, zone
from backend.recurrence.model import Occurrence, Recurrence, Rule, Start
from backend.recurrence.rule_text import Freq

BERLIN = "Europe/Berlin"
ZONES = ["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia"]


def recurrence(rule: object, start: str, tz: str = BERLIN) -> Recurrence:
    """A recurrence from "2026-01-01" or "2026-01-01T09:00"."""
    day, _, at = start.partition("T")
    begin = Start(date.fromisoformat(day), time.fromisoformat(at) if at else None, tz)
    return Recurrence(Rule.parse(rule), begin)


def walk(subject: Recurrence, most: int) -> list[Occurrence]:
    """The first occurrences, each found from the one before, as when each is done on time."""
    found = [subject.first()]
    while len(found) < most:
        following = subject.after(found[-1].at)
        if following is None:
            break
        found.append(following)
    return found


def keys(subject: Recurrence, most: int = 4) -> list[str]:
    """The keys of the first occurrences."""
    return [each.key for each in walk(subject, most)]


def naively(subject: Recurrence) -> Iterator[datetime]:
    """The instants python-dateutil finds, one after the other from the start. Ends with 2100."""
    start, until = subject.start, subject.rule.until
    first = datetime.combine(start.day, start.time or time.min)
    in_utc = subject.rule.freq is Freq.HOURLY
    if in_utc:
        first = resolve(first.date(), first.time(), start.tz).replace(tzinfo=None)
    for wall in rrule.rrulestr(replace(subject.rule, until=None).text, dtstart=first):
        if wall.year > 2100:
            return
        instant = resolve(wall.date(), wall.time(), "UTC" if in_utc else start.tz)
        day = instant.astimezone(zone(start.tz)).date() if in_utc else wall.date()
        if until and (instant > until if isinstance(until, datetime) else day > until):
            return
        yield instant
