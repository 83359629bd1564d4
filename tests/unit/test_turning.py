"""When a change of a task turns its series: the reactor's decision, without anything around it."""

from dataclasses import replace

import pytest

from backend.reactions.difference import difference
from backend.reactions.model import TurnSeries
from backend.tasks.model import Status, Task
from tests.unit.test_difference import NOW, TOMORROW, task

OCCURRENCE = task(series_id="s", occurrence_key="20261120")


class TestTurning:
    """Occurrences that are closed, opened again, or moved."""

    @pytest.mark.parametrize(
        "closing",
        [
            {"status": Status.DONE},
            {"status": Status.CANCELLED},
            {"deleted_at": NOW},
            {"archived_at": NOW},
        ],
        ids=str,
    )
    def test_an_occurrence_turns_its_series(self, closing: dict):
        """Both ways, however it is closed."""
        closed = replace(OCCURRENCE, **closing, rev=2)

        assert [TurnSeries(reopened=False)] == turns(OCCURRENCE, closed)
        assert [TurnSeries(reopened=False)] == turns(None, closed)
        assert [TurnSeries(reopened=True)] == turns(closed, replace(OCCURRENCE, rev=3))

    @pytest.mark.parametrize(
        ("before", "changes", "turned"),
        [
            ({}, {"title": "B"}, []),
            ({}, {"status": Status.IN_PROGRESS}, []),
            ({}, {"due": TOMORROW, "due_at": TOMORROW.at}, [TurnSeries(reopened=False)]),
            ({"status": Status.DONE}, {"deleted_at": NOW}, []),
            ({"status": Status.DONE}, {"due": TOMORROW, "due_at": TOMORROW.at}, []),
            ({"status": Status.CANCELLED}, {"deleted_at": NOW}, []),
            ({"status": Status.CANCELLED}, {"status": Status.DONE}, [TurnSeries(reopened=False)]),
        ],
        ids=str,
    )
    def test_what_else_concerns_its_series(self, before: dict, changes: dict, turned: list):
        """Where its date goes while it is open, and whether it was done or put aside."""
        old = replace(OCCURRENCE, **before)

        assert turned == turns(old, replace(old, **changes, rev=2))

    def test_an_open_occurrence_seen_first_turns_nothing(self):
        """Whoever made it has moved the series on."""
        assert [] == turns(None, OCCURRENCE)


def turns(old: Task | None, task: Task) -> list[TurnSeries]:
    return [each for each in difference(old, task) if isinstance(each, TurnSeries)]
