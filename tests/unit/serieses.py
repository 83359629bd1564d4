"""Series for tests, without a database."""

from datetime import UTC, datetime
from typing import Any

from backend.recurrence.ledger import settled
from backend.recurrence.series import CatchUp, Mode, Series, SeriesState, TaskTemplate
from backend.tasks.model import Priority
from tests.unit.recurrences import recurrence

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, hour: int = 0, month: int = 1) -> datetime:
    """An instant of the year the series of these tests begin in."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def template(**changes: Any) -> TaskTemplate:
    """A template with a title."""
    words = {"title": "Report", "description": "", "priority": Priority.NONE}
    return TaskTemplate(**{**words, "assignee_ids": (), "watcher_ids": (), **changes})


def series(rule: str = "FREQ=DAILY", start: str = "2026-01-01T09:00", **changes: Any) -> Series:
    """A series in UTC whose first occurrence was made."""
    comes = recurrence(rule, start, "UTC")
    fields: dict[str, Any] = {
        "id": "s",
        "workspace_id": "w",
        "template": template(),
        "recurrence": comes,
        "mode": Mode.FIXED,
        "state": SeriesState.ACTIVE,
        "last_key": comes.first().key,
        "created_at": BEGUN,
        "created_by": "ann",
        "updated_at": BEGUN,
        "rev": 1,
        "catch_up": CatchUp.SKIP,
    }
    return settled(Series(**{**fields, **changes}))
