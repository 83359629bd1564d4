"""
Writes `docs/clock-changes.md` from what the rules of recurrence do.

`python -m tests.unit.clock_changes`
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backend.kit.wallclock import zone
from backend.recurrence.preview import Note, Previewed, preview
from tests.unit.recurrences import recurrence

PAGE = Path(__file__).parents[2] / "docs" / "clock-changes.md"

HEAD = """\
# When clocks change

A series is kept in local time and its zone: 09:00 stays 09:00. Twice a year, in most zones, some
local time does not exist, or exists twice. This is what happens then; a preview
(`…/series/{s}/preview`) marks it by a `note`.

| clocks | what happens | `note` |
|---|---|---|
| skip the time | it comes once, at the first instant after the gap | `gap` |
| skip midnight | all day begins with the day's first instant | `gap` |
| show the time twice | it comes once, the first time | `fold` |
| have changed since the one before | it comes at its local time | `offsetChanged` |

Hourly rules count in UTC, so that each interval is as long as the others. A day that its zone
left out altogether has no occurrence.

The key of an occurrence is what was meant, and stays when the laws of a zone change. A test holds
this page against what happens, and `python -m tests.unit.clock_changes` writes it anew.
"""

COLUMNS = """\
| key | meant, local | comes, local | ahead of UTC | in UTC | `note` |
|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Case:
    """Some occurrences in a row, around a clock change."""

    title: str
    rule: str
    start: str
    tz: str
    count: int = 3


CASES = (
    Case("A skipped time", "FREQ=DAILY", "2027-03-27T02:30", "Europe/Berlin"),
    Case("A time shown twice", "FREQ=DAILY", "2026-10-24T02:30", "Europe/Berlin"),
    Case("Any other time", "FREQ=WEEKLY", "2027-03-22T09:00", "Europe/Berlin"),
    Case("The last instant before a gap", "FREQ=DAILY", "2027-03-13T01:59", "America/New_York"),
    Case("The first instant of a gap", "FREQ=DAILY", "2027-03-13T02:00", "America/New_York"),
    Case("The end of a gap", "FREQ=DAILY", "2027-03-13T03:00", "America/New_York"),
    Case("A gap of half an hour", "FREQ=DAILY", "2026-10-03T02:15", "Australia/Lord_Howe"),
    Case("A fold of half an hour", "FREQ=DAILY", "2027-04-03T01:45", "Australia/Lord_Howe"),
    Case("All day, where midnight is skipped", "FREQ=DAILY", "2027-03-27", "Asia/Beirut"),
    Case("All day, where midnight is shown twice", "FREQ=DAILY", "2026-10-24", "Atlantic/Azores"),
    Case("A gap that ends on the next day", "FREQ=DAILY", "2027-03-26T23:30", "America/Nuuk"),
    Case(
        "Monthly, in the gap once", "FREQ=MONTHLY;BYDAY=-1SU", "2027-02-01T02:30", "Europe/Berlin"
    ),
    Case("Yearly, in the fold once", "FREQ=YEARLY", "2025-10-25T02:30", "Europe/Berlin"),
    Case("Every hour, over the gap", "FREQ=HOURLY", "2027-03-28T01:00", "Europe/Berlin"),
    Case("Every hour, over the fold", "FREQ=HOURLY", "2026-10-25T02:00", "Europe/Berlin"),
    Case("Every six hours", "FREQ=HOURLY;INTERVAL=6", "2026-10-24T20:00", "Europe/Berlin"),
    Case("A day that its zone left out", "FREQ=DAILY", "2011-12-29T09:00", "Pacific/Apia"),
)


def page() -> str:
    """Return the page as it should be."""
    return "\n".join([HEAD, *(line for case in CASES for line in _section(case))])


def _section(case: Case) -> Iterator[str]:
    subject = recurrence(case.rule, case.start, case.tz)
    yield f"## {case.title}\n"
    yield f"`{case.rule}` from {case.start.replace('T', ' ')}, {case.tz}\n"
    yield COLUMNS
    before = subject.first().at - timedelta(seconds=1)
    for previewed in preview(subject, before, case.count):
        yield _row(previewed, case.tz)
    yield ""


def _row(previewed: Previewed, tz: str) -> str:
    found, note = previewed.occurrence, previewed.note
    meant = f"{found.day} {found.time:%H:%M}" if found.time else f"{found.day}, all day"
    local = found.at.astimezone(zone(tz))
    cells = [
        f"`{found.key}`",
        f"{meant} (UTC)" if found.in_utc else meant,
        f"{local:%Y-%m-%d %H:%M}",
        _offset(previewed.utc_offset),
        f"{found.at:%Y-%m-%d %H:%M}",
        f"`{Note(note).value}`" if note else "",
    ]
    return f"| {' | '.join(cells)} |"


def _offset(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
