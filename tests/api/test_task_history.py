"""Who changed what of a task, from which value to which."""

from typing import Any

from tests.api.factories import app_task
from tests.api.world import Caller, World, cost_of


def history(world: World, workspace_id: str, task_id: str) -> list[dict[str, Any]]:
    """What was recorded of a task, the first change first."""
    found = world.documents(f"workspaces/{workspace_id}/tasks/{task_id}/history")
    return sorted(found, key=lambda each: each["rev"])


def said(changes: list[dict[str, Any]]) -> list[tuple[int, int, str, dict[str, Any]]]:
    """From which revision to which, by whom, and what."""
    return [(each["fromRev"], each["rev"], each["actorUid"], each["patch"]) for each in changes]


def edit_directly(world: World, task: str, by: Caller, rev: int, **changes: Any) -> None:
    """Change a task as an app does that the rules let through, ringing no doorbell."""
    stamps = {"rev": rev, "updatedAt": world.clock.now(), "updatedBy": by.uid}
    world.database.document(task).update({**changes, **stamps})


class TestRecording:
    """`…/tasks/{t}/history/{rev}`"""

    def test_edits_faster_than_reactions_are_all_recorded(self, world: World):
        """Each with its author and its own values, however late the reactor looks."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()["id"]
        for who, title in ((ann, "B"), (bob, "C"), (ann, "D")):
            who.patch(f"/workspaces/{team}/tasks/{task}", {"title": title})
        at_once = history(world, team, task)
        world.ring(team, task)
        world.settle()

        assert [
            (1, 2, ann.uid, {"title": "B"}),
            (2, 3, bob.uid, {"title": "C"}),
            (3, 4, ann.uid, {"title": "D"}),
        ] == said(at_once)
        assert at_once == history(world, team, task)

    def test_what_an_app_wrote_before_an_edit_is_recorded_too(self, world: World):
        """Although the edit came before the reactor had looked."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        task = app_task(world, team, by=ann, title="A")
        world.settle()
        path = f"workspaces/{team}/tasks/{task}"
        edit_directly(world, path, bob, 2, title="B", priority=3)
        ann.patch(f"/{path}", {"title": "C"})
        world.ring(team, task)
        world.settle()

        assert [
            (1, 2, bob.uid, {"title": "B", "priority": 3}),
            (2, 3, ann.uid, {"title": "C"}),
        ] == said(history(world, team, task))

    def test_an_app_after_the_api(self, world: World):
        """The reactor records what it has not seen recorded."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        task = app_task(world, team, by=ann, title="A")
        world.settle()
        path = f"workspaces/{team}/tasks/{task}"
        ann.patch(f"/{path}", {"title": "B"})
        world.settle()
        edit_directly(world, path, bob, 3, title="C")
        world.settle()

        assert [
            (1, 2, ann.uid, {"title": "B"}),
            (2, 3, bob.uid, {"title": "C"}),
        ] == said(history(world, team, task))


class TestReading:
    """GET and :revert of `/workspaces/{w}/tasks/{t}/history`"""

    def test_the_last_change_comes_first(self, world: World):
        """In the words of the API, whoever wrote it."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
        path = f"/workspaces/me/tasks/{task}"
        ann.patch(path, {"priority": "high"})
        due = {"kind": "allDay", "date": "2026-12-24", "tz": "Europe/Berlin"}
        ann.patch(path, {"due": due})

        items = ann.get(f"{path}/history").json()["items"]

        assert [3, 2] == [item["rev"] for item in items]
        assert {**due, "time": None} == items[0]["patch"]["due"]
        assert "2026-12-24" == items[0]["patch"]["dueDay"]
        assert ({"priority": "high"}, {"priority": "none"}) == (
            items[1]["patch"],
            items[1]["previous"],
        )

    def test_pages_cost_what_they_show(self, world: World):
        """One round trip, a read an entry."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
        path = f"/workspaces/me/tasks/{task}"
        for title in "BCDE":
            ann.patch(path, {"title": title})

        first = ann.get(f"{path}/history", params={"pageSize": 3})
        token = first.json()["nextPageToken"]
        rest = ann.get(f"{path}/history", params={"pageToken": token})

        assert (1, 3, 0) == cost_of(first)
        assert [5, 4, 3, 2] == [
            item["rev"] for item in (*first.json()["items"], *rest.json()["items"])
        ]

    def test_a_change_is_taken_back(self, world: World):
        """All of it or some fields, as a new change that names who did it."""
        ann, bob = world.person("Ann"), world.person("Bob")
        path = f"/workspaces/{world.team(ann, bob)}/tasks"
        task = ann.post(path, {"title": "A", "priority": "low"}).json()["id"]
        ann.patch(f"{path}/{task}", {"title": "B", "priority": "high", "description": "x"})
        ann.patch(f"{path}/{task}", {"title": "C"})

        one = bob.post(f"{path}/{task}/history/2:revert", {"fields": ["priority"]}).json()
        whole = bob.post(f"{path}/{task}/history/2:revert", {}).json()

        assert ("C", "low", "x") == (one["title"], one["priority"], one["description"])
        assert ("A", "low", "") == (whole["title"], whole["priority"], whole["description"])
        assert (5, bob.uid) == (whole["rev"], whole["updatedBy"])

    def test_who_has_left_is_not_brought_back(self, world: World):
        """They could not see the task."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        path = f"/workspaces/{team}/tasks"
        task = ann.post(path, {"title": "A", "assigneeIds": [ann.uid, bob.uid]}).json()["id"]
        ann.patch(f"{path}/{task}", {"assigneeIds": []})
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")

        reverted = ann.post(f"{path}/{task}/history/2:revert", {}).json()

        assert [ann.uid] == reverted["assigneeIds"]

    def test_what_cannot_be_taken_back(self, world: World):
        """A change that is not there, and a field that it did not touch."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
        path = f"/workspaces/me/tasks/{task}"
        ann.patch(path, {"title": "B"})
        absent = [ann.post(f"{path}/history/{rev}:revert", {}) for rev in ("1", "9", "x", "-2")]
        untouched = ann.post(f"{path}/history/2:revert", {"fields": ["title", "priority"]})

        assert [404, 404, 404, 404] == [answer.status_code for answer in absent]
        assert 422 == untouched.status_code
        assert ["/fields/1"] == [fault["pointer"] for fault in untouched.json()["errors"]]
        assert "B" == ann.get(path).json()["title"]
