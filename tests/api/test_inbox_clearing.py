"""Everything read, or everything archived, in one act."""

from datetime import timedelta
from typing import Any

import pytest

from backend.inbox import clearing
from tests.api.inboxes import badge, counted, file, has_devices
from tests.api.undoing import undo, undone
from tests.api.world import Caller, World, cost_of

HOME = "/users/me/notifications"
ACTS = {"markAllRead": "readAt", "archiveAll": "archivedAt"}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test needs no 400 notifications for an operation to begin."""
    monkeypatch.setattr(clearing, "AT_ONCE", 10)


def marks(world: World, person: Caller) -> dict[str, dict[str, Any]]:
    """How each notification is marked."""
    found = world.database.collection(f"users/{person.uid}/notifications").stream()
    names = ("readAt", "archivedAt", "snoozedUntil", "isCounted")
    return {each.id: {name: each.get(name) for name in names} for each in found}


def settled(world: World, person: Caller, operation: str) -> dict[str, Any]:
    """What an operation came to."""
    for _ in range(10):
        world.settle()
        found: dict[str, Any] = person.get(f"/operations/{operation}").json()
        if found["state"] != "running":
            return found
    raise AssertionError(found)


@pytest.mark.parametrize("act", ACTS)
class TestAtOnce:
    """Up to 400 in one commit."""

    def test_all_are_marked(self, world: World, ann: Caller, act: str):
        """With the badge; a second time there is nothing to do, and nothing to take back."""
        file(world, ann, 9)

        answers = [ann.post(f"{HOME}:{act}") for _ in range(2)]

        assert [9, 0] == [each.json()["notifications"] for each in answers]
        assert [True, False] == ["Undo-Token" in each.headers for each in answers]
        assert {world.clock.now()} == {each[ACTS[act]] for each in marks(world, ann).values()}
        assert {"unread": 0, "by": {}} == badge(world, ann)

    def test_what_is_snoozed_stays_so(self, world: World, ann: Caller, act: str):
        """It was put off, not overlooked."""
        file(world, ann, 3)
        until = world.clock.now() + timedelta(hours=1)
        ann.patch(f"{HOME}/n001", {"snoozedUntil": f"{until:%FT%TZ}"})

        answer = ann.post(f"{HOME}:{act}")

        assert 2 == answer.json()["notifications"]
        assert None is marks(world, ann)["n001"][ACTS[act]]

    def test_taken_back(self, world: World, ann: Caller, act: str):
        """All of it, also what was read already."""
        file(world, ann, 12)
        ann.patch(f"{HOME}/n003", {"readAt": True})
        before = marks(world, ann), badge(world, ann)
        answer = ann.post(f"{HOME}:{act}")
        world.settle()

        back = undone(ann, answer)

        assert [] == back["kept"]
        assert before == (marks(world, ann), badge(world, ann))

    def test_many(self, world: World, ann: Caller, act: str):
        """As many as one commit takes, and taken back."""
        file(world, ann, 400)
        before = marks(world, ann)

        answer = ann.post(f"{HOME}:{act}")
        after = badge(world, ann)
        undo(ann, answer)
        world.settle(times=2)

        assert {"notifications": 400, "operationId": None} == answer.json()
        assert {"unread": 0, "by": {}} == after
        assert before == marks(world, ann)
        assert counted(world, ann) == badge(world, ann)


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("act", ACTS)
class TestAtLength:
    """More than that by an operation."""

    def test_all_are_marked_in_the_end(self, world: World, ann: Caller, act: str):
        """Step by step, each with the badge."""
        file(world, ann, 35)
        until = world.clock.now() + timedelta(hours=1)
        for each in range(12):  # More than a step sees.
            ann.patch(f"{HOME}/n{each + 10:03}", {"snoozedUntil": f"{until:%FT%TZ}"})

        answer = ann.post(f"{HOME}:{act}")
        ended = settled(world, ann, answer.json()["operationId"])

        assert ("done", {"notifications": 23}) == (ended["state"], ended["result"])
        assert {"unread": 0, "by": {}} == badge(world, ann)
        assert 23 == sum(each[ACTS[act]] is not None for each in marks(world, ann).values())

    def test_what_comes_meanwhile_is_left_alone(self, world: World, ann: Caller, act: str):
        """Nobody has seen it."""
        file(world, ann, 25)
        answer = ann.post(f"{HOME}:{act}")
        world.clock.advance(timedelta(seconds=1))
        file(world, ann, 2, first=100)

        settled(world, ann, answer.json()["operationId"])

        left = {each for each, found in marks(world, ann).items() if found[ACTS[act]] is None}
        assert {"n100", "n101"} == left
        assert counted(world, ann) == badge(world, ann)

    def test_taken_back(self, world: World, ann: Caller, act: str):
        """By another operation."""
        file(world, ann, 25)
        before = marks(world, ann), badge(world, ann)
        answer = ann.post(f"{HOME}:{act}")
        settled(world, ann, answer.json()["operationId"])

        back = undo(ann, answer)
        settled(world, ann, back.json()["id"])

        assert before == (marks(world, ann), badge(world, ann))


class TestCost:
    """What marking u notifications as read is billed as."""

    def test_it_grows_with_what_is_unread(self, world: World, ann: Caller):
        """u reads and u + 1 writes; the badge is read, and one act told to other devices."""
        has_devices(world, ann, "phone")
        file(world, ann, 1)
        ann.patch(f"{HOME}/n000", {"readAt": True})  # The first of a day counts all.
        costs = []
        for number in (0, 2, 5):
            file(world, ann, number, first=number * 10 + 1)
            costs.append(cost_of(ann.post(f"{HOME}:markAllRead")))

        # Beside each and the badge: the list of what devices show, and its timer.
        assert [(2, 2, 0), (3, 3, 5), (3, 6, 8)] == costs
