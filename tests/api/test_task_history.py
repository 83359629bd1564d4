"""Who changed what of a task, from which value to which."""

from typing import Any

from tests.api.factories import app_task
from tests.api.world import Caller, World


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
