"""GET /api/v1/tasks?assignee=me: one's own work in every workspace, and nobody else's."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.kit.documents import Create
from backend.kit.pages import MOST_READ
from tests.api.factories import stored_tasks, task_fields
from tests.api.guest import guest
from tests.api.world import Caller, World, cost_of
from tests.rules.documents import PAST

MINE = "/tasks?assignee=me"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def _written(world: World, workspace_id: str, by: Caller, states: list[dict[str, Any]]) -> None:
    """Write tasks into any workspace; a state names its task."""
    store = world.services.ports.store
    writes = [
        Create(
            f"workspaces/{workspace_id}/tasks/{state['title']}", task_fields(world, by=by) | state
        )
        for state in states
    ]
    assert store.attempt(writes)


def _titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [task["title"] for task in answer.json()["items"]]


class TestOwnTasks:
    """Whatever is assigned to the caller where they belong."""

    def test_tasks_of_all_workspaces_come_by_due_date(self, world: World, ann: Caller, bob: Caller):
        """The personal one and teams; without those of others, in the trash or in the archive."""
        team = world.team(bob, ann)
        at = [PAST + timedelta(hours=number) for number in range(4)]
        mine = {"assigneeIds": [bob.uid, ann.uid]}
        _written(
            world,
            team,
            bob,
            [
                {"title": "second", "dueAt": at[1], **mine},
                {"title": "fourth", "dueAt": at[3], "status": "done", **mine},
                {"title": "bobs", "dueAt": at[0], "assigneeIds": [bob.uid]},
                {"title": "gone", "dueAt": at[0], "deletedAt": at[0], **mine},
                {"title": "shelved", "dueAt": at[0], "archivedAt": at[0], **mine},
            ],
        )
        _written(
            world,
            ann.uid,
            ann,
            [
                {"title": "third", "dueAt": at[2], "assigneeIds": [ann.uid]},
                {"title": "first", "dueAt": None, "assigneeIds": [ann.uid]},
                {"title": "nobodys", "dueAt": at[2]},
            ],
        )

        answer = ann.get(MINE)

        assert ["first", "second", "third", "fourth"] == _titles(answer)
        assert [ann.uid, team, ann.uid, team] == [
            task["workspaceId"] for task in answer.json()["items"]
        ]

    def test_filters(self, world: World, ann: Caller):
        """Status and due range; together, too."""
        at = [PAST + timedelta(hours=number) for number in range(4)]
        statuses = ["open", "in_progress", "done", "open"]
        states = [
            {"title": str(number), "dueAt": at[number], "status": statuses[number]}
            for number in range(4)
        ]
        _written(world, ann.uid, ann, [{**each, "assigneeIds": [ann.uid]} for each in states])
        second = at[1].isoformat().replace("+00:00", "Z")

        found = {
            query: "".join(_titles(ann.get(f"{MINE}&{query}")))
            for query in (
                "status=open",
                "status=open,in_progress",
                f"dueAfter={second}",
                f"dueBefore={second}",
                f"status=open&dueAfter={second}",
            )
        }

        assert ["03", "013", "123", "0", "3"] == list(found.values())

    def test_no_task_shows_from_where_the_caller_does_not_belong(
        self, world: World, ann: Caller, bob: Caller
    ):
        """Not after leaving, not past an end date, never from a stranger's."""
        left, ended, strange = (world.team(bob) for _ in range(3))
        world.join(left, ann)
        end = world.clock.now() + timedelta(hours=1)
        world.join(ended, ann, expire_at=end)
        for number, workspace_id in enumerate((left, ended, strange)):
            state = {"title": f"task-{number}", "assigneeIds": [ann.uid]}
            _written(world, workspace_id, bob, [state])

        before = _titles(ann.get(MINE))
        assert ann.post(f"/workspaces/{left}:leave").status_code == 204
        world.clock.advance(timedelta(hours=1))
        after = _titles(ann.get(MINE))

        assert (["task-0", "task-1"], []) == (sorted(before), after)

    def test_a_guest_whose_time_is_over_sees_nothing(self, world: World):
        """As everywhere else."""
        gina = guest(world)
        assert gina.get("/users/me").status_code == 200
        _written(world, gina.uid, gina, [{"title": "mine", "assigneeIds": [gina.uid]}])

        before = gina.get(MINE)
        world.clock.advance(timedelta(hours=24))
        after = gina.get(MINE)

        assert ["mine"] == _titles(before)
        assert after.status_code == 404 or [] == _titles(after)

    @pytest.mark.parametrize("seed", range(2))
    def test_any_spread_of_tasks_is_found_page_by_page(
        self, world: World, ann: Caller, bob: Caller, seed: int
    ):
        """Random tasks in four workspaces, of which the caller belongs to three."""
        chance = random.Random(seed)
        places = [ann.uid, world.team(ann), world.team(bob, ann), world.team(bob)]
        expected: list[tuple[bool, datetime, str]] = []
        for place in places:
            states = [_state(chance, ann, f"t{number}-{place[:4]}") for number in range(40)]
            _written(world, place, bob, states)
            expected += [
                (state["dueAt"] is not None, state["dueAt"] or PAST, state["title"])
                for state in states
                if place != places[3]
                if ann.uid in state["assigneeIds"] and state["deletedAt"] is None
            ]

        found: list[str] = []
        token = ""
        while True:
            answer = ann.get(f"{MINE}&pageSize=7{token}")
            found += _titles(answer)
            if answer.json()["nextPageToken"] is None:
                break
            token = f"&pageToken={answer.json()['nextPageToken']}"

        assert len(found) == len(set(found)) > 20
        assert {title for _, _, title in expected} == set(found)
        due = {title: (is_due, at) for is_due, at, title in expected}
        assert sorted(due.values()) == [due[title] for title in found]


class TestRefusals:
    """What is not offered."""

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("", "/assignee"),
            ("?assignee=bob", "/assignee"),
            ("?assignee=me&sort=-dueAt", "/sort"),
            ("?assignee=me&priority=high", "/priority"),
            ("?assignee=me&status=closed", "/status/0"),
            ("?assignee=me&dueAfter=tomorrow", "/dueAfter"),
            ("?assignee=me&pageToken=x.y", "/pageToken"),
            ("?assignee=me&includeTotal=true", "/includeTotal"),
        ],
    )
    def test_what_it_does_not_take(self, ann: Caller, query: str, pointer: str):
        """422, and a pointer to the parameter."""
        answer = ann.get(f"/tasks{query}")

        assert 422 == answer.status_code
        assert [pointer] == [fault["pointer"] for fault in answer.json()["errors"]]

    def test_a_page_token_is_its_callers(self, world: World, ann: Caller, bob: Caller):
        """Somebody else's token is none."""
        stored_tasks(world, ann, [{"assigneeIds": [ann.uid]}] * 3)
        token = ann.get(f"{MINE}&pageSize=2").json()["nextPageToken"]

        answer = bob.get(f"{MINE}&pageToken={token}")

        assert (422, "invalid-page-token") == (answer.status_code, answer.json()["code"])


class TestCost:
    """Round trips, reads and writes: the memberships, and what is shown."""

    def test_it_costs_what_it_shows(self, world: World, ann: Caller, bob: Caller):
        """One read for each membership and each task; what is stored elsewhere costs nothing."""
        world.team(bob, ann)
        stored_tasks(world, bob, [{"assigneeIds": [bob.uid]}] * 50)
        nothing = cost_of(ann.get(MINE))
        stored_tasks(world, ann, [{"assigneeIds": [ann.uid]}] * 30)

        assert (2, 2 + 1, 0) == nothing
        assert (2, 2 + 20, 0) == cost_of(ann.get(MINE))
        assert (2, 2 + 5, 0) == cost_of(ann.get(f"{MINE}&pageSize=5"))

    def test_what_is_not_the_callers_is_read_within_bounds(
        self, world: World, ann: Caller, bob: Caller
    ):
        """Where they have left behind a great deal, the next page goes on behind it."""
        theirs = world.team(bob)
        at = [PAST + timedelta(seconds=number) for number in range(260)]
        states = [
            {"title": f"t{number}", "dueAt": at[number], "assigneeIds": [ann.uid]}
            for number in range(259)
        ]
        _written(world, theirs, bob, states)
        _written(
            world, ann.uid, ann, [{"title": "own", "dueAt": at[259], "assigneeIds": [ann.uid]}]
        )

        first = ann.get(MINE)
        token = first.json()["nextPageToken"]
        second = ann.get(f"{MINE}&pageToken={token}")

        assert ([], ["own"]) == (_titles(first), _titles(second))
        assert cost_of(first)[1] == 1 + MOST_READ


def _state(chance: random.Random, ann: Caller, title: str) -> dict[str, Any]:
    at = PAST + timedelta(hours=chance.randrange(10))
    return {
        "title": title,
        "dueAt": chance.choice([None, at, at]),
        "status": chance.choice(["open", "in_progress", "done", "cancelled"]),
        "assigneeIds": chance.choice([[], [ann.uid], ["bob", ann.uid], ["bob"]]),
        "deletedAt": chance.choice([None, None, None, at]),
    }
