"""What of a guest's moves into an account, in whose name, and what the person then has twice."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.guests.contents import MOVES, handed_over, kind_of, top_of
from backend.guests.documents import listed_copies, listing_copies
from backend.guests.duplicates import duplicates
from backend.guests.model import Merge, MergeState
from backend.kit.documents import Stored
from backend.leaving.inventory import SHARED
from backend.tasks.due import Due, DueKind
from backend.tasks.model import Status, Task, TaskRef, new_task

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONDAY = Due(DueKind.ALL_DAY, date(2026, 11, 23), None, "UTC")
# Follows from the rest, belongs to the guest alone, or has no feature that would write it yet.
STAYS = {
    "events",
    "stats",
    "members",
    "invites",
}


def task(task_id: str, title: str, **details: object) -> Task:
    ref = TaskRef("w", task_id)
    return new_task(ref, title=title, by="ann", at=NOON, details=details)


class TestContents:
    """By collection."""

    def test_every_collection_of_a_workspace_moves_or_stays_for_a_reason(self):
        """A new one is decided about here."""
        below = {kind_of(row.path.partition("/{w}/")[2]) for row in SHARED if "/{w}/" in row.path}

        assert below == MOVES | STAYS

    @pytest.mark.parametrize(
        ("place", "kind", "top"),
        [
            ("tasks/t1", "tasks", "tasks/t1"),
            ("tasks/t1/comments/c1", "tasks/comments", "tasks/t1"),
            ("series/s1/occurrences/20260323", "series/occurrences", "series/s1"),
        ],
    )
    def test_places(self, place: str, kind: str, top: str):
        """What a document is, and with what it goes."""
        assert (kind, top) == (kind_of(place), top_of(place))

    def test_names_change_at_any_depth(self):
        """And only where the whole value is the guest's uid."""
        fields = {
            "authorUid": "g",
            "mentionIds": ["g", "bob"],
            "patch": {"assigneeIds": ["g"], "title": "g and I"},
            "rev": 3,
        }

        mine = handed_over("tasks/t/history/3", fields, guest="g", to="ann", at=NOON)

        assert {
            "authorUid": "ann",
            "mentionIds": ["ann", "bob"],
            "patch": {"assigneeIds": ["ann"], "title": "g and I"},
            "rev": 3,
        } == mine

    def test_a_task_counts_as_written_now(self):
        """So that the sweep comes by; under the revision it had."""
        fields = {"updatedAt": NOON - timedelta(days=1), "updatedBy": "system", "rev": 4}

        mine = handed_over("tasks/t", fields, guest="g", to="ann", at=NOON)

        assert {"updatedAt": NOON, "updatedBy": "ann", "rev": 4} == mine

    def test_a_list_of_copies_reads_back(self):
        """Revisions, and none where there is none."""
        copies = {"tasks/a": 3, "tasks/a/history/2": None}

        written = listing_copies("g", "o", 7, copies.items())
        stored = Stored(written.path, written.fields, NOON)

        assert copies == listed_copies(stored)
        assert written.path != listing_copies("g", "o", 8, []).path


class TestDuplicates:
    """Alike to a person's eye."""

    @pytest.mark.parametrize(
        ("title", "details"),
        [
            ("buy milk", {"due": MONDAY}),
            ("  BUY \t Milk ", {"due": MONDAY}),
            ("\uff22\uff55\uff59 milk", {"due": MONDAY}),
            ("Buy milk", {"due": MONDAY, "status": Status.IN_PROGRESS}),
        ],
    )
    def test_alike(self, title: str, details: dict):
        """Case, width and blanks do not count, nor how far it is."""
        there = task("there", "Buy milk", due=MONDAY)

        assert [("moved", "there")] == duplicates([task("moved", title, **details)], [there])

    @pytest.mark.parametrize(
        ("title", "details"),
        [
            ("Buy milk!", {"due": MONDAY}),
            ("Buy milk", {}),
            ("Buy milk", {"due": Due(DueKind.ZONED, MONDAY.day, time(9), "UTC")}),
            ("Buy milk", {"due": MONDAY, "status": Status.DONE}),
            ("Buy milk", {"due": MONDAY, "series_id": "s", "occurrence_key": "20261123"}),
        ],
    )
    def test_not_alike(self, title: str, details: dict):
        """Another text or time, done or not, or one of a series."""
        there = task("there", "Buy milk", due=MONDAY)

        assert [] == duplicates([task("moved", title, **details)], [there])


class TestMerge:
    """The guest's time stands still."""

    def test_what_is_left_is_left_after_undoing(self):
        """An hour before the end stays an hour."""
        merge = Merge("g", "ann", MergeState.MERGED, "o", NOON, NOON + timedelta(hours=1))
        undone_at = NOON + timedelta(hours=20)

        assert undone_at + timedelta(hours=1) == merge.guest_ends_at(undone_at)
