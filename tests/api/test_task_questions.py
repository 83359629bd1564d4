"""Random tasks and random questions over HTTP, page by page, against plain Python."""

import random
from typing import Any

import pytest

from tests.api.factories import placed, stored_tasks
from tests.api.world import Caller, World

TASKS = "/workspaces/me/tasks"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestAnyTasks:
    """GET /workspaces/{w}/tasks"""

    @pytest.mark.parametrize("seed", range(3))
    def test_filters_and_orders_mean_what_they_say(self, world: World, ann: Caller, seed: int):
        """Thirty questions a seed; a sort key that is missing or equal leaves it to the id."""
        chance = random.Random(seed)
        tasks = [placed(chance) for _ in range(150)]
        by_id = dict(zip(stored_tasks(world, ann, tasks), tasks, strict=True))
        stored = {
            each.id: each.to_dict()
            for each in world.database.collection(f"workspaces/{ann.uid}/tasks").stream()
        }
        assert set(by_id) == set(stored)
        for _ in range(30):
            query = _any_question(chance)

            assert (query, _in_plain_python(query, stored)) == (query, _all_pages(ann, query))


FIELDS = {"projectId": "projectId", "boardId": "boardId", "listId": "listId"}
LISTED = {"assignee": "assigneeIds", "label": "labelIds"}


def _any_question(chance: random.Random) -> dict[str, str]:
    values = {
        "status": ["open", "done", "open,in_progress"],
        "priority": ["high", "none,urgent", "low,medium,high"],
        "projectId": ["p1", "p2"],
        "boardId": ["b1"],
        "listId": ["l1"],
        "label": ["red"],
        "assignee": ["bob"],
        "dueBefore": ["2026-01-06T00:00:00Z"],
    }
    names = chance.sample(list(values), chance.randrange(4))
    query = {name: chance.choice(values[name]) for name in names}
    orders = ["-createdAt", "-updatedAt", "dueAt", "-dueAt", "-priority"]
    if "dueBefore" in query:
        orders = ["dueAt", "-dueAt"]
    elif query.keys() & FIELDS.keys():
        orders += ["rank", "rank"]
    return {**query, "sort": chance.choice(orders)}


def _in_plain_python(query: dict[str, str], stored: dict[str, dict[str, Any]]) -> list[str]:
    names = ["none", "low", "medium", "high", "urgent"]

    def is_wanted(task: dict[str, Any]) -> bool:
        return (
            task["deletedAt"] is None
            and task["archivedAt"] is None
            and task["status"] in query.get("status", task["status"]).split(",")
            and names[task["priority"]] in query.get("priority", ",".join(names)).split(",")
            and all(task[name] == query.get(name, task[name]) for name in FIELDS)
            and all(query[name] in task[field] for name, field in LISTED.items() if name in query)
            and ("dueBefore" not in query or (task["dueAt"] is not None and _is_before(task)))
        )

    def _is_before(task: dict[str, Any]) -> bool:
        return bool(task["dueAt"].isoformat().replace("+00:00", "Z") < query["dueBefore"])

    field = query["sort"].removeprefix("-")
    wanted = [name for name, task in stored.items() if is_wanted(task)]
    # None sorts before everything, as in Firestore, and the id breaks ties in the same direction.
    return sorted(
        wanted,
        key=lambda name: (stored[name][field] is not None, stored[name][field] or 0, name),
        reverse=query["sort"].startswith("-"),
    )


def _all_pages(ann: Caller, query: dict[str, str]) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ann.get(TASKS, params={**query, **token, "pageSize": 30})
        assert answer.status_code == 200, answer.text
        found += [task["id"] for task in answer.json()["items"]]
        if answer.json()["nextPageToken"] is None:
            return found
        token = {"pageToken": answer.json()["nextPageToken"]}
