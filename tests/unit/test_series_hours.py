"""Editing series that count in hours: their keys are instants, what people say is local."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from backend.recurrence.editing import edited
from backend.recurrence.occurrence import Start
from backend.recurrence.series import Series
from backend.recurrence.splitting import shifted
from tests.unit.recurrences import recurrence
from tests.unit.serieses import series

NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Every six hours from eight in the morning, which is the evening before in UTC.
TOKYO = "Asia/Tokyo"
NEXT_MORNING = "20260105T2300Z"  # The 6th, 08:00 in Tokyo.


def hourly(start: str, tz: str, **exceptions: Any) -> Series:
    """A series of every six hours, of which the first was made."""
    comes = replace(recurrence("FREQ=HOURLY;INTERVAL=6", start, tz), **exceptions)
    return replace(series(), recurrence=comes, last_key=comes.first().key)


def test_an_edit_keeps_what_was_added():
    """An hour after the start, though its key is the smaller text."""
    old = hourly("2026-01-05T09:00", "Europe/Berlin", rdates=("20260105T0830Z",))

    new = edited(old, {"title": "B"}, at=NOW)

    assert ("20260105T0830Z",) == new.recurrence.rdates


def test_what_was_added_before_another_start_is_forgotten():
    """And the edit is not refused for it, though its key is the larger text."""
    old = hourly("2026-01-05T09:00", "America/New_York", rdates=("20260105T1500Z",))
    start = Start(date(2026, 1, 5), time(12), "America/New_York")  # 17:00 in UTC.

    new = edited(old, {"start": start}, at=NOW)

    assert () == new.recurrence.rdates


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"time": time(9)}, (6, time(9))),
        ({"date": date(2026, 1, 7)}, (7, time(8))),
        ({"date": date(2026, 1, 6)}, None),
        ({"title": "B"}, None),
    ],
    ids=str,
)
def test_days_and_times_are_those_at_home(changes: dict[str, Any], start: Any):
    """Of an occurrence that is on the 5th in UTC, and on the 6th where people are."""
    moved = shifted(hourly("2026-01-05T08:00", TOKYO), NEXT_MORNING, changes)

    found = moved.get("start")
    assert start == (found and (found.day.day, found.time))
