"""GET /api/v1/workspaces/{w}/tasks: filters, orders, totals, and what a page costs."""

import random
import re
from datetime import timedelta

import pytest

from backend.kit import documents
from backend.kit.documents import Where
from backend.kit.pages import MOST_READ
from tests.api.factories import placed, stored_tasks
from tests.api.world import Caller, World, cost_of
from tests.rules.documents import PAST
from tests.rules.listeners import CONTAINS, EQUAL, IN, LISTENERS
from tests.rules.wire import Query

TASKS = "/workspaces/me/tasks"
FIRESTORE = {
    EQUAL: "==",
    IN: "in",
    CONTAINS: "array_contains",
    "LESS_THAN_OR_EQUAL": "<=",
    "GREATER_THAN": ">",
}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestFilters:
    """Each narrows the list, and they combine with AND."""

    @pytest.fixture
    def tasks(self, world: World, ann: Caller) -> list[str]:
        """Eight, the newest last, each an hour later due than the one before."""
        noon = world.clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
        states = [
            {},
            {"status": "in_progress", "priority": 3, "assigneeIds": [ann.uid]},
            {"status": "done", "priority": 4, "assigneeIds": [ann.uid]},
            {"status": "open", "priority": 4, "assigneeIds": ["bob"], "isOverdue": True},
            {"status": "open", "priority": 3, "assigneeIds": ["bob", ann.uid]},
            {"status": "cancelled", "dueAt": None},
            {"archivedAt": noon},
            {"deletedAt": noon, "archivedAt": noon},
        ]
        return stored_tasks(
            world,
            ann,
            [
                {"dueAt": noon + timedelta(hours=number), **state}
                for number, state in enumerate(states)
            ],
        )

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, "543210"),
            ({"status": "open"}, "430"),
            ({"status": "open,in_progress"}, "4310"),
            ({"status": "open,in_progress", "assignee": "me"}, "41"),
            ({"status": "open,in_progress", "priority": "high,urgent"}, "431"),
            ({"priority": "urgent"}, "32"),
            ({"priority": "high,urgent", "sort": "-priority"}, "3241"),
            ({"priority": "none,urgent", "sort": "-priority", "status": "open,done"}, "320"),
            ({"priority": "high", "sort": "-priority", "assignee": "me"}, "41"),
            ({"assignee": "me"}, "421"),
            ({"assignee": "bob", "priority": "high", "status": "open"}, "4"),
            ({"overdue": "true"}, "3"),
            ({"overdue": "true", "status": "done"}, ""),
            ({"dueAfter": "{1}", "dueBefore": "{3}"}, "12"),
            ({"dueAfter": "{1}", "sort": "-dueAt"}, "4321"),
            ({"dueBefore": "{2}", "status": "open"}, "0"),
            ({"sort": "dueAt"}, "501234"),
            ({"sort": "-dueAt"}, "432105"),
            ({"sort": "-updatedAt"}, "543210"),
            ({"archived": "true"}, "6"),
            ({"deleted": "true"}, "7"),
        ],
    )
    def test_only_what_is_asked_for_comes_in_the_order_asked_for(
        self, world: World, ann: Caller, tasks: list[str], query: dict[str, str], expected: str
    ):
        """A number stands for a task; `{n}` for the instant at which it is due."""
        noon = world.clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
        instants = [f"{(noon + timedelta(hours=n)).isoformat()}" for n in range(8)]
        params = {name: value.format(*instants) for name, value in query.items()}

        answer = ann.get(TASKS, params=params)

        assert answer.status_code == 200, answer.text
        found = "".join(str(tasks.index(task["id"])) for task in answer.json()["items"])
        if "-priority" in query.values():  # Ties are broken by id, which is random.
            found, expected = _sorted_in_ties(found), _sorted_in_ties(expected)
        assert (query, expected) == (query, found)


class TestAsTheAppSeesThem:
    """The app's listener and REST give the same set."""

    @pytest.mark.parametrize(
        ("listener", "query"),
        [
            ("today", {"status": "open,in_progress", "dueBefore": "2026-01-05T09:00:00.000001Z"}),
            ("upcoming", {"status": "open,in_progress", "dueAfter": "2026-01-05T09:00:00.000001Z"}),
            ("mine", {"status": "open,in_progress", "assignee": "me", "sort": "dueAt"}),
            ("label", {"status": "open,in_progress", "label": "red", "sort": "dueAt"}),
            ("trash", {"deleted": "true"}),
        ],
    )
    def test_a_listener_and_its_list_agree(
        self, world: World, ann: Caller, listener: str, query: dict[str, str]
    ):
        """Every state beside every due date, at and around the instant of the listener."""
        dues = [None, *(PAST + timedelta(microseconds=step) for step in (-1, 0, 1))]
        states = [
            {"status": "open"},
            {"status": "in_progress", "assigneeIds": [ann.uid], "labelIds": ["blue", "red"]},
            {"status": "done", "assigneeIds": [ann.uid], "labelIds": ["red"]},
            {"status": "open", "archivedAt": PAST + timedelta(1)},
            {"status": "open", "deletedAt": PAST + timedelta(1)},
        ]
        stored_tasks(world, ann, [{**state, "dueAt": due} for state in states for due in dues])

        heard = _listened(world, ann, LISTENERS[listener].query)
        found = ann.get(TASKS, params={**query, "pageSize": 100}).json()["items"]

        assert len(heard) >= 2
        assert heard == [task["id"] for task in found]

    @pytest.mark.parametrize(
        ("listener", "query"),
        [
            ("project", {"status": "open,in_progress", "projectId": "p1", "sort": "rank"}),
            ("project-done", {"status": "done", "projectId": "p1"}),
            ("board", {"boardId": "b1", "sort": "rank"}),
        ],
    )
    def test_a_place_has_the_same_tasks(
        self, world: World, ann: Caller, listener: str, query: dict[str, str]
    ):
        """A project, what is done of it, and a board; the latter two in an order of their own."""
        chance = random.Random(listener)
        stored_tasks(world, ann, [placed(chance) for _ in range(120)])

        heard = _listened(world, ann, LISTENERS[listener].query)
        found = [t["id"] for t in ann.get(TASKS, params={**query, "pageSize": 100}).json()["items"]]

        assert len(heard) >= 5
        assert sorted(heard) == sorted(found)
        assert listener != "project" or heard == found


class TestRefusals:
    """422 with a pointer to the parameter, and a sentence that says what would work."""

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ({"sort": "-priority", "overdue": "true"}, "/sort"),
            ({"sort": "-createdAt", "dueAfter": "2026-11-20T00:00:00Z"}, "/sort"),
            ({"sort": "rank"}, "/sort"),
            ({"sort": "rank", "label": "red"}, "/sort"),
            ({"archived": "true", "boardId": "b1"}, "/boardId"),
            ({"archived": "true", "status": "open"}, "/status"),
            ({"deleted": "true", "sort": "dueAt"}, "/sort"),
            ({"deleted": "true", "archived": "true"}, "/deleted"),
            (
                {"status": "open,done", "priority": "low,high", "includeTotal": "true"},
                "/includeTotal",
            ),
        ],
    )
    def test_what_no_index_serves(self, ann: Caller, query: dict[str, str], pointer: str):
        """Never a scan."""
        answer = ann.get(TASKS, params=query)

        (fault,) = answer.json()["errors"]
        assert (422, "unsupported-query") == (answer.status_code, answer.json()["code"])
        assert (pointer, "unsupported-query") == (fault["pointer"], fault["code"])
        assert fault["detail"].endswith(".")

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("status=closed", "/status/0"),
            ("status=open,closed", "/status/1"),
            ("status=open,open", "/status"),
            ("status=", "/status"),
            ("status=open,", "/status/1"),
            ("priority=3", "/priority/0"),
            ("assignee=a%2Fb", "/assignee"),
            ("assignee=", "/assignee"),
            ("projectId=a%2Fb", "/projectId"),
            ("boardId=", "/boardId"),
            ("listId=..", "/listId"),
            ("label=red,blue", "/label"),
            ("overdue=false", "/overdue"),
            ("overdue=1", "/overdue"),
            ("archived=yes", "/archived"),
            ("dueAfter=2026-11-20", "/dueAfter"),
            ("dueAfter=2026-11-20T09:00:00", "/dueAfter"),
            ("dueBefore=0001-01-01T00:00:00%2B14:00", "/dueBefore"),
            ("dueBefore=9999-12-31T23:59:59-14:00", "/dueBefore"),
            ("sort=title", "/sort"),
            ("sort=createdAt", "/sort"),
            ("sort=__name__", "/sort"),
            ("sort=dueAt,-priority", "/sort"),
            ("includeTotal=maybe", "/includeTotal"),
            ("pageSize=1e1", "/pageSize"),
            ("pageToken=", "/pageToken"),
        ],
    )
    def test_what_is_no_value(self, ann: Caller, query: str, pointer: str):
        """Fields come from a list of ours; nobody names their own."""
        answer = ann.get(f"{TASKS}?{query}")

        assert (422, "validation-failed") == (answer.status_code, answer.json()["code"])
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


class TestTotal:
    """`includeTotal=true`"""

    def test_it_counts_the_whole_list_and_only_when_asked(self, world: World, ann: Caller):
        """Behind the page as well, and whatever page it is."""
        stored_tasks(world, ann, [{"status": "open"}] * 5 + [{"status": "done"}] * 2)
        query = {"status": "open,in_progress", "includeTotal": "true", "pageSize": 3}

        first = ann.get(TASKS, params=query).json()
        second = ann.get(TASKS, params={**query, "pageToken": first["nextPageToken"]}).json()
        unasked = ann.get(TASKS).json()

        assert [5, 5] == [first["totalSize"], second["totalSize"]]
        assert {"items", "nextPageToken"} == set(unasked)


class TestCost:
    """Round trips, reads and writes. The membership, one of each of the first two, is cached."""

    @pytest.fixture
    def many(self, world: World, ann: Caller) -> None:
        """Half of them done, a handful of them urgent and the oldest of all."""
        states = [
            {
                "status": "done" if number % 2 else "open",
                "priority": 4 if number < 5 else 0,
                "assigneeIds": [ann.uid],
                "projectId": "p1",
                "boardId": "b1",
            }
            for number in range(260)
        ]
        stored_tasks(world, ann, states)
        assert ann.get(TASKS, params={"pageSize": 1}).status_code == 200

    def test_a_page_costs_what_it_shows(self, many: None, ann: Caller):
        """No document more to see whether there is a next page; a total is one read for 1,000."""
        costs = {
            "twenty": cost_of(ann.get(TASKS)),
            "filtered": cost_of(ann.get(TASKS, params={"status": "open", "assignee": "me"})),
            "several": cost_of(ann.get(TASKS, params={"status": "open,done"})),
            "mine": cost_of(
                ann.get(
                    TASKS,
                    params={"status": "open,in_progress", "assignee": "me", "sort": "dueAt"},
                )
            ),
            "counted": cost_of(ann.get(TASKS, params={"includeTotal": "true"})),
            "a hundred": cost_of(ann.get(TASKS, params={"pageSize": 100})),
            "none": cost_of(ann.get(TASKS, params={"overdue": "true"})),
            "a board": cost_of(ann.get(TASKS, params={"boardId": "b1", "sort": "rank"})),
            "a project": cost_of(
                ann.get(
                    TASKS,
                    params={"projectId": "p1", "status": "open,in_progress", "sort": "rank"},
                )
            ),
        }

        assert {
            "twenty": (1, 20, 0),
            "filtered": (1, 20, 0),
            "several": (1, 20, 0),
            "mine": (1, 20, 0),
            "counted": (2, 21, 0),
            "a hundred": (1, 100, 0),
            "none": (1, 1, 0),
            "a board": (1, 20, 0),
            "a project": (1, 20, 0),
        } == costs

    def test_what_is_dropped_is_read_within_bounds(self, many: None, ann: Caller):
        """Two hundred a page: a rare find behind them is on the page after."""
        query = {"status": "open,done", "priority": "high,urgent", "pageSize": 20}
        common = {"status": "open,in_progress", "assignee": "me", "pageSize": 20}

        first = ann.get(TASKS, params=query)
        second = ann.get(TASKS, params={**query, "pageToken": first.json()["nextPageToken"]})
        half = ann.get(TASKS, params=common)

        assert (4, MOST_READ, 0) == cost_of(first)
        assert ([], True) == (first.json()["items"], first.json()["nextPageToken"] is not None)
        assert (5, None) == (len(second.json()["items"]), second.json()["nextPageToken"])
        assert (20, (2, 20 + 40, 0)) == (len(half.json()["items"]), cost_of(half))

    def test_refusals_cost_nothing(self, many: None, ann: Caller):
        """No query is run to find out that none would do."""
        refused = ann.get(TASKS, params={"overdue": "true", "sort": "-priority"})
        forged = ann.get(TASKS, params={"pageToken": "x.y"})

        assert [(0, 0, 0), (0, 0, 0)] == [cost_of(refused), cost_of(forged)]


def _listened(world: World, listener: Caller, query: Query) -> list[str]:
    """The ids that a listener's query finds, in its order."""
    conditions = tuple(
        Where(name, FIRESTORE[how], listener.uid if value == "{uid}" else value)
        for name, how, value in query.where
    )
    tasks = f"workspaces/{listener.uid}/tasks"
    asked = documents.Query(tasks, query.limit or 300, conditions, query.order_by)
    return [stored.id for stored in world.services.ports.store.find(asked)]


def _sorted_in_ties(found: str) -> str:
    """Tasks 2 and 3 are urgent, 1 and 4 high; within these the id decides."""
    return "".join("".join(sorted(tie)) for tie in re.findall(r"[23]+|[14]+|[05]+", found))
