"""Which lists there are, and what Firestore is asked for each. The rest is dropped or refused."""

from datetime import UTC, datetime

import pytest

from backend.kit.documents import Query, Where
from backend.kit.errors import InvalidArgument
from backend.kit.lists import CONTAINS
from backend.tasks.listing import TASK_LISTS
from backend.tasks.model import Priority, Status

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIVE = TASK_LISTS.always
OPEN = (Status.OPEN, Status.IN_PROGRESS)
URGENT = (Priority.HIGH, Priority.URGENT)


def _asked(given: dict, order: str | None = None) -> Query:
    return TASK_LISTS.query("tasks", given, order=order, limit=20)


class TestJoined:
    """What Firestore finds by itself."""

    def test_without_filters_the_newest_come_first(self):
        """`createdAt` never moves, so nothing moves while somebody reads."""
        assert Query("tasks", 20, LIVE, ("-createdAt",)) == _asked({})

    def test_filters_of_one_value_are_joined(self):
        """Their indexes end in the same order, and merge."""
        given = {"status": (Status.DONE,), "priority": (Priority.LOW,), "assignee": "u"}

        assert (
            Query(
                "tasks",
                20,
                (
                    *LIVE,
                    Where("status", "==", "done"),
                    Where("priority", "==", 1),
                    Where("assigneeIds", CONTAINS, "u"),
                ),
                ("-updatedAt",),
            )
        ) == _asked(given, "-updatedAt")

    def test_one_filter_of_several_values_is_joined(self):
        """With an index of its own; the order of the values does not matter."""
        where = (*LIVE, Where("status", "in", ["in_progress", "open"]))

        assert where == _asked({"status": OPEN}).where == _asked({"status": OPEN[::-1]}).where

    def test_a_range_sorts_by_its_field(self):
        """Half open: at the first instant or later, before the second."""
        found = _asked({"due_after": NOON, "due_before": NOON})

        assert (("dueAt",), (*LIVE, Where("dueAt", ">=", NOON), Where("dueAt", "<", NOON))) == (
            found.order_by,
            found.where,
        )

    def test_what_somebody_still_has_to_do_is_joined(self):
        """It has an index of its own, however many statuses are open."""
        found = _asked({"status": OPEN, "assignee": "u"}, "dueAt")

        both = (Where("status", "in", ["in_progress", "open"]), Where("assigneeIds", CONTAINS, "u"))
        assert ((*LIVE, *both), ()) == (found.where, found.dropped)

    @pytest.mark.parametrize(
        ("given", "order", "joined"),
        [
            ({"label": "red"}, "dueAt", Where("labelIds", CONTAINS, "red")),
            ({"project_id": "p"}, "rank", Where("projectId", "==", "p")),
        ],
    )
    def test_what_is_still_to_be_done_in_a_place_is_joined(
        self, given: dict, order: str, joined: Where
    ):
        """Apps listen to these, so the index is there."""
        found = _asked({**given, "status": OPEN}, order)

        both = (Where("status", "in", ["in_progress", "open"]), joined)
        assert ((*LIVE, *both), ()) == (found.where, found.dropped)

    def test_places_are_joined_freely(self):
        """Each has an index for each order, and these merge."""
        given = {"project_id": "p", "board_id": "b", "list_id": "l", "label": "red"}

        found = _asked(given, "rank")

        assert ((), ("rank",)) == (found.dropped, found.order_by)
        assert ["projectId", "boardId", "listId", "labelIds"] == [
            where.field for where in found.where[len(LIVE) :]
        ]

    @pytest.mark.parametrize("given", [URGENT, URGENT[:1]])
    def test_priorities_in_their_own_order_are_a_range(self, given: tuple[Priority, ...]):
        """Firestore sorts by no field that it compares."""
        found = _asked({"priority": given}, "-priority")

        bounds = (Where("priority", ">=", 3), Where("priority", "<=", given[-1].value))
        assert ((*LIVE, *bounds), ()) == (found.where, found.dropped)


class TestDropped:
    """What no index joins: found by the rest, then dropped in memory."""

    def test_several_values_beside_another_filter(self):
        """One value narrows more than several."""
        found = _asked({"status": OPEN, "assignee": "u"})

        assert (*LIVE, Where("assigneeIds", CONTAINS, "u")) == found.where
        assert (Where("status", "in", ["in_progress", "open"]),) == found.dropped

    def test_several_values_of_two_filters(self):
        """The first is found, the second dropped."""
        found = _asked({"priority": URGENT, "status": OPEN})

        assert "status" == found.where[-1].field
        assert (Where("priority", "in", [3, 4]),) == found.dropped

    def test_gaps_in_a_range(self):
        """The range is read, and what lies in its gaps dropped."""
        found = _asked({"priority": (Priority.NONE, Priority.URGENT)}, "-priority")

        assert (Where("priority", "in", [0, 4]),) == found.dropped

    def test_a_second_array(self):
        """Firestore takes one array-contains in a query: somebody's tasks are read."""
        found = _asked({"label": "l", "assignee": "u"})

        assert (*LIVE, Where("assigneeIds", CONTAINS, "u")) == found.where
        assert (Where("labelIds", CONTAINS, "l"),) == found.dropped


class TestRefused:
    """What no index serves, and no reading of 200 documents either."""

    @pytest.mark.parametrize(
        ("given", "order", "pointer", "detail"),
        [
            (
                {"due_after": NOON},
                "-createdAt",
                "/sort",
                "With `dueAfter`, `sort` is `dueAt` or `-dueAt`.",
            ),
            ({"overdue": True}, "-dueAt", "/sort", "With `overdue`, `sort` is `dueAt`."),
            (
                {"label": "red"},
                "rank",
                "/sort",
                "To sort by `rank`, say `boardId` or `listId` or `projectId`.",
            ),
            (
                {"overdue": True, "board_id": "b"},
                "rank",
                "/sort",
                "With `overdue`, `sort` is `dueAt`.",
            ),
            (
                {"overdue": True, "due_before": NOON},
                "-dueAt",
                "/sort",
                "With `overdue`, `sort` is `dueAt`.",
            ),
            (
                {"deleted": True, "due_before": NOON},
                None,
                "/dueBefore",
                "`deleted` stands alone, by `-deletedAt`: leave out `dueBefore`.",
            ),
            (
                {"archived": True},
                "dueAt",
                "/sort",
                "`archived` stands alone, by `-archivedAt`: leave out `sort`.",
            ),
            (
                {"archived": True, "deleted": True},
                None,
                "/deleted",
                "`archived` stands alone, by `-archivedAt`: leave out `deleted`.",
            ),
        ],
    )
    def test_it_says_what_would_do(self, given: dict, order: str | None, pointer: str, detail: str):
        """A code, a pointer to the parameter, and a sentence."""
        with pytest.raises(InvalidArgument) as refused:
            _asked(given, order)

        (fault,) = refused.value.faults
        assert ("unsupported-query", pointer, detail) == (fault.code, fault.pointer, fault.detail)
