"""Undo of what is no task: workspaces, series, and the merge of a guest."""

from datetime import timedelta

import pytest

from tests.api.guest import guest
from tests.api.guest_merging import ended, titles
from tests.api.undoing import UNDO_TOKEN, undo, undone
from tests.api.world import Caller, World

WEEKLY = {
    "title": "Report",
    "rule": "FREQ=WEEKLY;BYDAY=MO",
    "start": {"date": "2027-03-22", "time": "09:00", "tz": "Europe/Berlin"},
}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def team(world: World, ann: Caller) -> str:
    return world.team(ann)


class TestWorkspaces:
    """Name, settings, and deletion."""

    def test_an_edit(self, world: World, ann: Caller, team: str):
        """Name and settings as they were."""
        before = world.document(f"workspaces/{team}")
        changed = ann.patch(
            f"/workspaces/{team}", {"name": "Landing", "settings": {"timezone": "Europe/Berlin"}}
        )

        found = undone(ann, changed)

        after = world.document(f"workspaces/{team}")
        assert [f"workspaces/{team}"] == found["undone"]
        assert [before["name"], before["settings"]] == [after["name"], after["settings"]]
        assert found == undone(ann, changed)

    def test_a_name_that_an_admin_changed_since_stays(self, world: World, ann: Caller, team: str):
        """The settings go back all the same."""
        adam = world.person("Adam")
        world.join(team, adam, "admin")
        changed = ann.patch(
            f"/workspaces/{team}", {"name": "Landing", "settings": {"timezone": "Europe/Berlin"}}
        )
        adam.patch(f"/workspaces/{team}", {"name": "Adam's"})

        undone(ann, changed)

        after = world.document(f"workspaces/{team}")
        assert ("Adam's", None) == (after["name"], after["settings"]["timezone"])

    def test_a_deletion(self, world: World, ann: Caller, team: str):
        """The workspace stays, and its timer is withdrawn."""
        deleted = ann.delete(f"/workspaces/{team}")
        assert world.document(f"workspaces/{team}")["purgeAt"] is not None

        back = undo(ann, deleted)

        assert (200, False) == (back.status_code, UNDO_TOKEN in back.headers)
        world.pass_time(timedelta(days=8))
        assert world.document(f"workspaces/{team}")["purgeAt"] is None
        assert [] == world.documents("timers")

    def test_who_is_owner_no_more_cannot_take_a_deletion_back(
        self, world: World, ann: Caller, team: str
    ):
        """What somebody may do is asked anew."""
        bob = world.person("Bob")
        world.join(team, bob, "member")
        deleted = ann.delete(f"/workspaces/{team}")
        ann.post(f"/workspaces/{team}:transferOwnership", {"uid": bob.uid})

        assert 403 == undo(ann, deleted).status_code


class TestSeries:
    """Begun and ended."""

    def test_begun(self, world: World, ann: Caller, team: str):
        """It ends, and its first task goes to the trash; redo brings both back."""
        begun = ann.post(f"/workspaces/{team}/series", WEEKLY)
        series = f"workspaces/{team}/series/{begun.json()['id']}"
        task = f"workspaces/{team}/tasks/{begun.json()['firstTaskId']}"
        world.settle()

        back = undo(ann, begun)
        assert [series, task] == sorted(back.json()["undone"])
        assert "ended" == world.document(series)["state"]
        assert world.document(task)["deletedAt"] is not None

        undone(ann, back)
        assert "active" == world.document(series)["state"]
        assert world.document(task)["deletedAt"] is None

    def test_ended(self, world: World, ann: Caller, team: str):
        """It goes on, and says the same however often it is asked."""
        begun = ann.post(f"/workspaces/{team}/series", WEEKLY)
        series = f"workspaces/{team}/series/{begun.json()['id']}"
        stopped = ann.delete(f"/{series}")

        answers = [undone(ann, stopped) for _ in range(2)]

        assert [{"undone": [series], "kept": []}] * 2 == answers
        assert "active" == world.document(series)["state"]


class TestProfiles:
    """What people say of themselves."""

    def test_an_edit(self, world: World, ann: Caller, team: str):
        """Name and week as they were, also where others see the name; and forth again."""
        before = world.document(f"users/{ann.uid}")
        changed = ann.patch("/users/me", {"displayName": "Anna", "weekStart": 7})
        world.settle(times=2)

        back = undo(ann, changed)
        world.settle(times=2)

        after, member = (
            world.document(path)
            for path in (f"users/{ann.uid}", f"workspaces/{team}/members/{ann.uid}")
        )
        names = ("displayName", "weekStart")
        assert [f"users/{ann.uid}"] == back.json()["undone"]
        assert [before[name] for name in names] == [after[name] for name in names]
        assert before["displayName"] == member["displayName"]
        undone(ann, back)
        assert "Anna" == ann.get("/users/me").json()["displayName"]

    def test_what_they_changed_since_stays(self, ann: Caller):
        """Nothing is left to take back."""
        changed = ann.patch("/users/me", {"displayName": "Anna"})
        ann.patch("/users/me", {"displayName": "Annegret"})

        assert 409 == undo(ann, changed).status_code


class TestMerges:
    """A guest's work in an account."""

    def test_merged(self, world: World, ann: Caller):
        """The token of the merge undoes it, as `:undoMerge` does, and once."""
        someone = guest(world, "someone")
        someone.post("/workspaces/me/tasks", {"title": "Mine as a guest"})
        merged = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})
        ended(ann, merged.json()["id"])
        assert ["Mine as a guest"] == titles(ann)

        begun = [undo(ann, merged) for _ in range(2)]
        ended(ann, begun[0].json()["id"])

        assert [202, 202] == [each.status_code for each in begun]
        assert begun[0].json()["id"] == begun[1].json()["id"]
        assert [] == titles(ann)
        assert ["Mine as a guest"] == titles(someone)
        location = begun[0].headers["Location"]
        assert f"/api/v1/operations/{begun[0].json()['id']}" == location

    def test_while_it_is_being_merged(self, world: World, ann: Caller):
        """There is nothing whole to take back yet."""
        someone = guest(world, "someone")
        someone.post("/workspaces/me/tasks", {"title": "Mine as a guest"})
        merged = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})

        answer = undo(ann, merged)

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])

    def test_too_late(self, world: World, ann: Caller):
        """After a day the guest is gone."""
        someone = guest(world, "someone")
        merged = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})
        ended(ann, merged.json()["id"])
        world.clock.advance(timedelta(hours=24))

        assert "undo-unavailable" == undo(ann, merged).json()["code"]
