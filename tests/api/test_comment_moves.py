"""Comments that come with their tasks: from a guest into an account, and out of an archive."""

from typing import Any

import pytest

from backend.comments.model import KEPT_DELETED
from backend.exporting.archive import opened
from tests.api.commenting import app_says, new_task, ring_comment, say
from tests.api.exports import export
from tests.api.guest import Guest, guest
from tests.api.guest_merging import merge, undo
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def someone(world: World) -> Guest:
    """A guest with a task of which three things were said, one of them taken back."""
    someone = guest(world)
    task = new_task(someone, someone.uid)
    said = say(someone, task, "one", someone)
    someone.put(f"{said}/reactions/👍")
    app_says(world, someone, task, "two")
    someone.delete(say(someone, task, "three"))
    return someone


def about(world: World, owner: Caller) -> dict[str, Any]:
    """What somebody's workspace has of comments, and what the server keeps of them."""
    below = world.services.ports.store.below(f"workspaces/{owner.uid}", limit=500, whole=True)
    tasks = [each for each in below if each.path.split("/")[-2] == "tasks"]
    comments = [each.fields for each in below if each.path.split("/")[-2] == "comments"]
    mine = {"workspaceId": owner.uid}.items()
    return {
        "counted": [task.fields["counters"].get("comments", 0) for task in tasks],
        "said": sorted((each["body"], each["bodyHtml"]) for each in comments),
        "reactions": [each["reactions"] for each in comments if each["reactions"]],
        "shadows": sum(
            mine <= each.items() for each in world.documents("shadows") if "commentId" in each
        ),
        "found": sorted(
            each["text"]
            for each in world.documents("searchEntries")
            if mine <= each.items() and each["kind"] == "comment"
        ),
        "events": sum(
            each["type"].startswith("comment.")
            for each in world.documents(f"workspaces/{owner.uid}/events")
        ),
    }


NOTHING = {"counted": [], "said": [], "reactions": [], "shadows": 0, "found": [], "events": 0}


class TestMerge:
    """POST /users/me:mergeGuest"""

    @pytest.mark.parametrize("is_settled", [True, False], ids=["reacted to", "just written"])
    def test_they_come_along_and_are_counted_once(
        self, world: World, ann: Caller, someone: Guest, is_settled: bool
    ):
        """However far the reactions to them had come; nobody is told of their own words."""
        if is_settled:
            world.settle(times=2)

        merge(ann, someone)
        world.settle(times=2)

        html = [(text, f"<p>{text}</p>") for text in ("one", "three", "two")]
        assert {
            "counted": [2],
            "said": html,
            "reactions": [[{"uid": ann.uid, "emoji": "👍"}]],
            "shadows": 3,
            "found": ["one", "two"],
            "events": 2,
        } == about(world, ann)
        assert [] == world.inbox(ann)

    def test_an_undone_merge_leaves_nothing(self, world: World, ann: Caller, someone: Guest):
        """Neither what was said, nor what followed from it; the guest has it all again."""
        world.settle(times=2)
        before = about(world, someone)
        merged = merge(ann, someone)
        world.settle(times=2)

        undo(ann, merged)

        assert (NOTHING, before) == (about(world, ann), about(world, someone))


class TestImport:
    """An archive brought into another project."""

    def test_they_are_counted_as_before_and_told_nobody(
        self, world: World, elsewhere: World, tmp_path
    ):
        """Whoever rings their doorbells; what was deleted goes for good at its time."""
        ann = world.person("Ann")
        task = new_task(ann, ann.uid)
        said = [say(ann, task, text) for text in ("one", "two", "three")]
        ann.delete(said[2])
        world.settle(times=2)
        before = about(world, ann)
        path = tmp_path / "archive.zip"
        path.write_bytes(export(world, ann).content)

        with opened(path) as archive:
            elsewhere.services.importer.run(archive, ann.uid)
        for each in said:
            ring_comment(elsewhere, each)
        elsewhere.settle(times=2)
        there = Caller(elsewhere, ann.uid, "Ann")
        after = about(elsewhere, there)
        elsewhere.pass_time(KEPT_DELETED)

        # Events stay behind: they are no part of an archive's import, and nobody hears of any.
        assert before["counted"] == after["counted"] == [2]
        assert before["said"] == after["said"]
        assert (["one", "two"], 3, 0) == (
            after["found"],
            after["shadows"],
            len(elsewhere.inbox(there)),
        )
        assert [text for text, _ in before["said"] if text != "three"] == [
            text for text, _ in about(elsewhere, there)["said"]
        ]
