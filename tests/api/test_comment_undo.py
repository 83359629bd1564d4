"""Every command on comments, taken back by its token: with what followed from it."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.api.commenting import app_changes, new_task, react, say, stored, told
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)
# What people see of a comment; revisions and instants go on.
SEEN = ("body", "bodyHtml", "mentionIds", "reactions", "deletedAt")


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    team = world.team(ann)
    world.join(team, bob, "commenter")
    return team


@pytest.fixture
def task(ann: Caller, team: str) -> str:
    return new_task(ann, team)


def seen(world: World, path: str) -> dict[str, Any]:
    return {name: stored(world, path)[name] for name in SEEN}


def undo(caller: Caller, answer: requests.Response) -> requests.Response:
    """Take back what a command did."""
    assert answer.status_code < 300, answer.text
    return caller.post("/undo", {"token": answer.headers["Undo-Token"]})


COMMANDS = {
    "edit": lambda who, path: who.patch(path, {"body": "*other*", "mentionIds": []}),
    "edit at length": lambda who, path: who.patch(path, {"body": "x" * 9_000}),
    "delete": lambda who, path: who.delete(path),
    "react": lambda who, path: who.put(f"{path}/reactions/🎉"),
    "take back": lambda who, path: who.delete(f"{path}/reactions/👍"),
}


class TestUndo:
    """POST /undo"""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_it_is_as_it_was(self, world: World, ann: Caller, bob: Caller, task: str, name: str):
        """By its author; and undoing twice changes nothing more."""
        said = say(bob, task, "*words* " * 400, ann)
        bob.put(f"{said}/reactions/👍")
        before = seen(world, said)
        world.clock.advance(MINUTE)

        answer = COMMANDS[name](bob, said)
        changed = seen(world, said)
        undone = [undo(bob, answer) for _ in range(2)]

        assert changed != before
        assert (before, [200, 200]) == (seen(world, said), [each.status_code for each in undone])
        assert [[said[1:]]] * 2 == [each.json()["undone"] for each in undone]

    def test_an_undo_is_undone(self, world: World, bob: Caller, task: str):
        """It is a command like any other."""
        said = say(bob, task, "one")
        undone = undo(bob, bob.patch(said, {"body": "two"}))
        back = stored(world, said)["body"]
        undo(bob, undone)

        assert ("one", "two") == (back, stored(world, said)["body"])

    def test_what_was_written_is_deleted(self, world: World, ann: Caller, bob: Caller, task: str):
        """And counted no more; nobody hears of it who has not heard yet."""
        answer = bob.post(f"{task}/comments", {"body": "oops"})
        said = f"{task}/comments/{answer.json()['id']}"
        undo(bob, answer)

        world.settle(times=2)

        assert 404 == bob.get(said).status_code
        assert ([], {}) == (told(world, ann), stored(world, task)["counters"])

    def test_the_count_follows(self, world: World, bob: Caller, task: str):
        """Down with the deletion, up with its undoing."""
        said, counts = say(bob, task), []

        def look() -> None:
            react(world, said)
            counts.append(stored(world, task)["counters"]["comments"])

        look()
        deleted = bob.delete(said)
        look()
        undo(bob, deleted)
        look()

        assert [1, 0, 1] == counts

    def test_what_was_moderated_comes_back(
        self, world: World, ann: Caller, bob: Caller, team: str, task: str
    ):
        """By whoever deleted it, while they may; its words stay its author's."""
        said = say(bob, task, "mine")
        answer = ann.delete(said)
        undo(ann, answer)

        assert ("mine", bob.uid) == (bob.get(said).json()["body"], stored(world, said)["authorUid"])

        cid = world.person("Cid")
        world.join(team, cid, "admin")
        answer = cid.delete(said)
        world.join(team, cid, "member")

        assert (403, 404) == (undo(cid, answer).status_code, bob.get(said).status_code)

    def test_what_changed_since_stays(self, world: World, ann: Caller, bob: Caller, task: str):
        """Field by field; emojis of others are no concern of it."""
        said = say(bob, task, "one")
        edited = bob.patch(said, {"body": "two", "mentionIds": [ann.uid]})
        reacted = bob.put(f"{said}/reactions/👍")
        ann.put(f"{said}/reactions/🎉")
        bob.patch(said, {"body": "three"})

        answers = [undo(bob, edited), undo(bob, reacted)]

        assert [200, 200] == [each.status_code for each in answers]
        assert {
            "body": "three",
            "bodyHtml": "<p>three</p>",
            "mentionIds": [],
            "reactions": [{"uid": ann.uid, "emoji": "🎉"}],
            "deletedAt": None,
        } == seen(world, said)

    def test_nothing_is_left_to_take_back(self, world: World, bob: Caller, task: str):
        """What was changed since, in the app or here, stays as it is."""
        said = say(bob, task, "one")
        answer = bob.patch(said, {"body": "two"})
        app_changes(world, bob, said, body="three")

        undone = undo(bob, answer)

        assert (409, "undo-unavailable") == (undone.status_code, undone.json()["code"])
        assert "three" == stored(world, said)["body"]

    def test_who_may_comment_no_more_takes_nothing_back(
        self, world: World, bob: Caller, team: str, task: str
    ):
        """A token is no right."""
        said = say(bob, task, "one")
        answer = bob.patch(said, {"body": "two"})
        world.join(team, bob, "viewer")

        assert (403, "two") == (undo(bob, answer).status_code, stored(world, said)["body"])
