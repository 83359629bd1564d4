"""/api/v1/workspaces/{w}/series, and the next occurrence when one is done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.api.world import World

BERLIN = ZoneInfo("Europe/Berlin")
WEEKLY = {
    "title": "Report",
    "rule": "FREQ=WEEKLY;BYDAY=MO",
    "start": {"date": "2027-03-22", "time": "09:00", "tz": "Europe/Berlin"},
}


class TestSeries:
    """A weekly report across a change of clocks: 28 March 2027."""

    def test_completing_one_brings_the_next(self, world: World):
        """09:00 stays 09:00, though the day between has 23 hours."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        series = ann.post(f"/workspaces/{team}/series", {**WEEKLY, "assigneeIds": [bob.uid]}).json()
        world.clock.move_to(datetime(2027, 3, 22, 7, 0, tzinfo=BERLIN))
        world.settle()

        bob.post(f"/workspaces/{team}/tasks/{series['firstTaskId']}/completion")
        world.settle(times=2)

        following = _task(world, team, f"{series['id']}-20270329T0900")
        assert datetime(2027, 3, 29, 9, 0, tzinfo=BERLIN) == following["dueAt"]
        assert [bob.uid] == following["assigneeIds"]
        ledger = world.documents(f"workspaces/{team}/series/{series['id']}/occurrences")
        assert sorted((each["key"], each["state"]) for each in ledger) == [
            ("20270322T0900", "done"),
            ("20270329T0900", "open"),
        ]
        # Told of the series once, not of each occurrence; and who made it hears of its completion.
        assert [each["category"] for each in world.inbox(bob)] == ["assigned"]
        assert [each["category"] for each in world.inbox(ann)] == ["completed"]

    def test_completing_reopening_completing_brings_one(self, world: World):
        """And so do twenty reactions at once."""
        ann = world.person("Ann")
        series = ann.post("/workspaces/me/series", WEEKLY).json()
        path = f"/workspaces/me/tasks/{series['firstTaskId']}/completion"

        for call in (ann.post, ann.delete, ann.post):
            assert call(path).status_code == 200
            world.settle()

        assert len(world.documents(f"workspaces/{ann.uid}/tasks")) == 2

    def test_many_reactions_at_once_bring_one(self, world: World, crowd: ThreadPoolExecutor):
        """The series document is the guard."""
        ann = world.person("Ann")
        series = ann.post("/workspaces/me/series", WEEKLY).json()
        task_id = series["firstTaskId"]
        ann.post(f"/workspaces/me/tasks/{task_id}/completion")

        list(crowd.map(lambda _: world.ring(ann.uid, task_id), range(20)))
        world.settle()

        assert len(world.documents(f"workspaces/{ann.uid}/tasks")) == 2
        assert world.document(f"workspaces/{ann.uid}")["counters"]["doneTasks"] == 1

    def test_an_ended_series_brings_no_more(self, world: World):
        """Its tasks stay."""
        ann = world.person("Ann")
        series = ann.post("/workspaces/me/series", WEEKLY).json()
        path = f"/workspaces/me/series/{series['id']}"

        ended = [ann.delete(path).status_code for _ in range(2)]
        ann.post(f"/workspaces/me/tasks/{series['firstTaskId']}/completion")
        world.settle()

        assert ended == [204, 204]
        assert ann.get(path).json()["state"] == "ended"
        assert len(world.documents(f"workspaces/{ann.uid}/tasks")) == 1

    def test_after_completion_counts_from_then(self, world: World):
        """Water the plants three days after they were last watered."""
        ann = world.person("Ann")
        world.clock.move_to(datetime(2027, 3, 22, 8, 0, tzinfo=BERLIN))
        body = {**WEEKLY, "rule": "FREQ=DAILY;INTERVAL=3", "mode": "afterCompletion"}
        series = ann.post("/workspaces/me/series", body).json()
        world.clock.move_to(datetime(2027, 3, 26, 20, 0, tzinfo=BERLIN))

        ann.post(f"/workspaces/me/tasks/{series['firstTaskId']}/completion")
        world.settle()

        following = _task(world, ann.uid, f"{series['id']}-20270329T0900")
        assert datetime(2027, 3, 29, 9, 0, tzinfo=BERLIN) == following["dueAt"]

    @pytest.mark.parametrize(
        ("change", "code", "pointer"),
        [
            ({"rule": "FREQ=SECONDLY"}, "invalid-recurrence", None),
            ({"rule": "every monday"}, "invalid-recurrence", None),
            ({"rule": "FREQ=MONTHLY;BYMONTHDAY=32"}, "invalid-recurrence", None),
            ({"rule": "x" * 501}, "validation-failed", "/rule"),
            ({"start": {"date": "2027-02-30", "tz": "UTC"}}, "validation-failed", "/start/date"),
            ({"start": {"date": "2027-02-03", "tz": "../etc"}}, "validation-failed", "/start/tz"),
            ({"mode": "afterCompletion"}, "invalid-recurrence", None),
            ({"assigneeIds": ["nobody"]}, "validation-failed", "/assigneeIds/0"),
        ],
        ids=str,
    )
    def test_what_cannot_recur_is_refused(
        self, world: World, change: dict, code: str, pointer: str | None
    ):
        """Nothing is written."""
        ann = world.person("Ann")

        answer = ann.post("/workspaces/me/series", {**WEEKLY, **change})

        assert (422, code) == (answer.status_code, answer.json()["code"])
        if pointer:
            assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert world.documents(f"workspaces/{ann.uid}/tasks") == []
        assert ann.get("/workspaces/me/series").json()["items"] == []


def _task(world: World, workspace_id: str, task_id: str) -> dict:
    task = world.document(f"workspaces/{workspace_id}/tasks/{task_id}")
    assert task is not None, world.documents(f"workspaces/{workspace_id}/tasks")
    return task
