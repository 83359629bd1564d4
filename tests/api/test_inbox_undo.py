"""What was done to notifications is taken back: marks, badge, snoozes, and what was deleted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.inboxes import badge, file, has_devices
from tests.api.undoing import UNDO_TOKEN, undo, undone
from tests.api.world import Caller, World

HOME = "/users/me/notifications"
HOUR = timedelta(hours=1)
STAMPS = {"updatedAt"}


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody who was told three things."""
    person = world.person("Ann")
    file(world, person, 3, workspace_id=None, task_id=None)
    return person


def later(world: World, by: timedelta = HOUR) -> str:
    return f"{world.clock.now() + by:%FT%TZ}"


def meant(world: World, marks: dict[str, Any]) -> dict[str, Any]:
    """Marks with an instant where they name the hours until then."""
    hours = marks.get("snoozedUntil")
    return {**marks, "snoozedUntil": later(world, hours * HOUR)} if hours else marks


def all_of(world: World, person: Caller) -> dict[str, Any]:
    """All that is stored of somebody's inbox, without stamps, and the timers of snoozes."""
    found: dict[str, Any] = {"badge": badge(world, person)}
    for each in world.services.ports.store.below(f"users/{person.uid}", limit=500, whole=True):
        if "/notifications/" in each.path:
            found[each.path] = {
                name: value
                for name, value in each.fields.items()
                if name not in STAMPS and value is not None
            }
    found["timers"] = [
        (each["subject"], each["fireAt"])
        for each in world.documents("timers")
        if each["kind"] == "snoozed"
    ]
    return found


@pytest.mark.parametrize("settling", [False, True], ids=["at once", "settled between"])
class TestTakenBack:
    """Everything is as before."""

    @pytest.mark.parametrize(
        "marks",
        [
            {"archivedAt": True},
            {"snoozedUntil": 2},
            {"readAt": True, "archivedAt": True},
            {"readAt": True, "archivedAt": True, "snoozedUntil": 2},
        ],
        ids=str,
    )
    @pytest.mark.parametrize(
        "before", [{}, {"readAt": True}, {"snoozedUntil": 1}], ids=["new", "read", "snoozed"]
    )
    def test_marks(
        self,
        world: World,
        ann: Caller,
        before: dict[str, Any],
        marks: dict[str, Any],
        settling: bool,
    ):
        """Whatever it was before, also snoozed until another instant."""
        ann.patch(f"{HOME}/n000", meant(world, before))
        world.clock.advance(timedelta(minutes=1))
        stored = all_of(world, ann)
        answer = ann.patch(f"{HOME}/n000", meant(world, marks))
        if settling:
            world.settle(times=2)

        back = undone(ann, answer)
        world.settle()

        assert [] == back["kept"]
        assert stored == all_of(world, ann)

    @pytest.mark.parametrize(
        "before", [{}, {"readAt": True}, {"snoozedUntil": 1}], ids=["new", "read", "snoozed"]
    )
    def test_a_deletion(self, world: World, ann: Caller, before: dict[str, Any], settling: bool):
        """With its decisions, its place in the badge, and its snooze."""
        ann.patch(f"{HOME}/n000", meant(world, before))
        stored = all_of(world, ann)
        answer = ann.delete(f"{HOME}/n000")
        if settling:
            world.settle(times=2)

        back = undone(ann, answer)
        again = undone(ann, answer)
        world.settle()

        assert ([], 4) == (back["kept"], len(back["undone"]))
        assert back == again
        assert stored == all_of(world, ann)


class TestMeanwhile:
    """What happened since is not lost."""

    def test_a_mark_that_was_set_since_stays(self, world: World, ann: Caller):
        """Mark by mark."""
        answer = ann.patch(f"{HOME}/n000", {"readAt": True})
        ann.patch(f"{HOME}/n000", {"archivedAt": True})

        undone(ann, answer)

        found = ann.get(f"{HOME}/n000").json()
        assert found["readAt"] is None
        assert found["archivedAt"] is not None
        assert 2 == badge(world, ann)["unread"]

    def test_the_same_mark_anew(self, world: World, ann: Caller):
        """Read, unread and read again is another reading."""
        answer = ann.patch(f"{HOME}/n000", {"readAt": True})
        world.clock.advance(timedelta(minutes=1))
        ann.patch(f"{HOME}/n000", {"readAt": None})
        ann.patch(f"{HOME}/n000", {"readAt": True})

        back = undo(ann, answer)

        assert (409, "undo-unavailable") == (back.status_code, back.json()["code"])
        assert 2 == badge(world, ann)["unread"]

    def test_an_undo_is_undone(self, world: World, ann: Caller):
        """It is read again, at the same instant as before."""
        answer = ann.patch(f"{HOME}/n000", {"readAt": True})
        world.clock.advance(timedelta(minutes=1))
        back = undo(ann, answer)

        undone(ann, back)

        assert answer.json()["readAt"] == ann.get(f"{HOME}/n000").json()["readAt"]
        assert 2 == badge(world, ann)["unread"]

    def test_a_snooze_whose_time_has_come(self, world: World, ann: Caller):
        """Nothing is put off until the past: it is simply there."""
        ann.patch(f"{HOME}/n000", {"snoozedUntil": later(world)})
        answer = ann.patch(f"{HOME}/n000", {"snoozedUntil": None})
        world.pass_time(2 * HOUR)

        undone(ann, answer)

        found = ann.get(f"{HOME}/n000").json()
        assert (None, True) == (found["snoozedUntil"], found["isUnread"])

    def test_somebody_elses_token(self, world: World, ann: Caller):
        """It takes nothing back."""
        answer = ann.delete(f"{HOME}/n000")

        back = undo_by(world.person("Bob"), answer.headers[UNDO_TOKEN])

        assert (409, 404) == (back, ann.get(f"{HOME}/n000").status_code)

    def test_devices_are_not_told_again(self, world: World, ann: Caller):
        """What was taken off them stays off."""
        has_devices(world, ann, "tablet")
        file(world, ann, 1, first=5, sent_to=["tablet"])
        answer = ann.patch(f"{HOME}/n005", {"readAt": True})
        world.pass_time(timedelta(seconds=2))
        before = len(world.fcm.messages(f"token-{ann.uid}-tablet"))

        undone(ann, answer)
        world.pass_time(timedelta(minutes=1))

        assert before == len(world.fcm.messages(f"token-{ann.uid}-tablet"))


def undo_by(person: Caller, token: str) -> int:
    return person.post("/undo", {"token": token}).status_code


def test_instants_survive_the_token(world: World, ann: Caller):
    """They come back as instants, with their microseconds."""
    ann.patch(f"{HOME}/n000", {"readAt": True})
    read_at: datetime = (world.document(f"users/{ann.uid}/notifications/n000") or {})["readAt"]
    answer = ann.patch(f"{HOME}/n000", {"readAt": None})

    undone(ann, answer)

    assert read_at == (world.document(f"users/{ann.uid}/notifications/n000") or {})["readAt"]
