"""Tasks as documents: every field, whoever made them, and what the reactor mends in them."""

from datetime import timedelta
from typing import Any

from tests.api.factories import app_task, task_fields
from tests.api.world import World

SERIES = {
    "title": "Water the plants",
    "rule": "FREQ=DAILY",
    "start": {"date": "2026-11-20", "time": "09:00", "tz": "UTC"},
}
MILK = {"id": "a", "text": "Milk", "isDone": False}
SOON = {"kind": "relative", "minutesBefore": 30, "at": None}
# What the rules cannot refuse, since it lies inside lists of maps.
NONSENSE: dict[str, Any] = {
    "labelIds": ["red", "red"],
    "reminders": [SOON, {"kind": "whenever"}, 7],
    "checklist": [MILK, "milk", {"id": "b", "text": "x" * 100_000, "isDone": False}],
}


def document(world: World, workspace_id: str, task_id: str) -> dict[str, Any]:
    path = f"workspaces/{workspace_id}/tasks/{task_id}"
    found: dict[str, Any] = world.database.document(path).get().to_dict()
    return found


def change(world: World, workspace_id: str, task_id: str, changes: dict[str, Any]) -> None:
    """Change a task as an app does, whatever the rules say."""
    world.database.document(f"workspaces/{workspace_id}/tasks/{task_id}").update(changes)


class TestEveryField:
    """A query passes over documents that lack the field it orders by."""

    def test_of_a_task_made_through_the_api(self, world: World):
        """As the rules ask it of an app."""
        ann = world.person("Ann")
        task = ann.post(f"/workspaces/{ann.uid}/tasks", {"title": "A"}).json()

        assert set(task_fields(world, by=ann)) == set(document(world, ann.uid, task["id"]))

    def test_of_the_occurrences_of_a_series(self, world: World):
        """The first, and the one that follows it."""
        ann = world.person("Ann")
        series = ann.post(f"/workspaces/{ann.uid}/series", SERIES).json()
        ann.post(f"/workspaces/{ann.uid}/tasks/{series['firstTaskId']}/completion")
        world.settle()
        wanted = set(task_fields(world, by=ann))

        made = world.documents(f"workspaces/{ann.uid}/tasks")

        # Whatever was changed through the API also says that its history is written.
        assert [wanted, wanted] == [set(task) - {"recorded"} for task in made]


class TestHistory:
    """Every field that changed, with what it was."""

    def test_of_a_card_that_was_moved(self, world: World):
        """By a direct write of the app."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann)
        world.settle()
        world.clock.advance(timedelta(seconds=1))
        move = {"boardId": "b1", "listId": "l1", "rank": "V", "checklist": [MILK]}
        stamps = {"rev": 2, "updatedAt": world.clock.now()}

        change(world, ann.uid, task_id, {**move, **stamps})
        world.settle()
        (entry,) = world.documents(f"workspaces/{ann.uid}/tasks/{task_id}/history")

        assert move == entry["patch"]
        assert {"boardId": None, "listId": None, "rank": None, "checklist": []} == entry["previous"]


class TestNonsense:
    """The rules know no loops: what they could not see, the reactor takes out."""

    def test_is_taken_out_of_the_document(self, world: World):
        """Once, as a revision that stays the writer's; a second look finds nothing to do."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann)
        change(world, ann.uid, task_id, NONSENSE)

        world.settle()
        world.settle()
        task = document(world, ann.uid, task_id)

        assert (["red"], [SOON], [MILK]) == (
            task["labelIds"],
            task["reminders"],
            task["checklist"],
        )
        assert (2, ann.uid) == (task["rev"], task["updatedBy"])

    def test_does_not_reach_the_history(self, world: World):
        """Two of a megabyte would not fit into one entry."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann)
        world.settle()
        world.clock.advance(timedelta(seconds=1))
        stamps = {"rev": 2, "updatedAt": world.clock.now()}

        change(world, ann.uid, task_id, {**NONSENSE, **stamps})
        world.settle()
        (entry,) = world.documents(f"workspaces/{ann.uid}/tasks/{task_id}/history")

        assert [MILK] == entry["patch"]["checklist"]

    def test_keeps_nobody_from_reading(self, world: World):
        """The task is there before the reactor has looked."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann)
        change(world, ann.uid, task_id, NONSENSE)

        answer = ann.get(f"/workspaces/{ann.uid}/tasks/{task_id}")

        assert 200 == answer.status_code


class TestEarlierVersions:
    """Documents that were written before the later fields came."""

    def test_are_mended_with_the_next_change(self, world: World):
        """Through the API; the rules would refuse an app until then."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann)
        place = world.database.document(f"workspaces/{ann.uid}/tasks/{task_id}")
        whole = document(world, ann.uid, task_id)
        place.set({k: v for k, v in whole.items() if k not in ("labelIds", "depth", "counters")})

        answer = ann.patch(f"/workspaces/{ann.uid}/tasks/{task_id}", {"title": "B"})
        task = document(world, ann.uid, task_id)

        assert 200 == answer.status_code
        assert ([], 0, {}) == (task["labelIds"], task["depth"], task["counters"])
