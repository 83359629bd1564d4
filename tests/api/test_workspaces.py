"""The life of a workspace: changed, deleted, restored, purged."""

from datetime import timedelta

import pytest

from backend.workspaces.lifecycle import LOOKED_AGAIN
from backend.workspaces.model import GRACE
from backend.workspaces.repository import MAX_MEMBERSHIPS
from tests.api.test_invites import accept, invite, token_of, verdict
from tests.api.world import World, cost_of

SETTINGS = {"timezone": "Europe/Berlin", "weekStart": 1, "escalateAfterHours": 24}


class TestEdit:
    """PATCH /api/v1/workspaces/{w}"""

    def test_name_and_settings_change(self, world: World):
        """Each counts the revision up, which the tag says."""
        ann = world.person("Ann")
        team = world.team(ann)

        answer = ann.patch(f"/workspaces/{team}", {"name": "Garden", "settings": SETTINGS})

        assert 200 == answer.status_code
        assert ("Garden", SETTINGS, 2) == tuple(
            answer.json()[key] for key in ("name", "settings", "rev")
        )
        assert '"2"' == answer.headers["ETag"]
        stored = world.document(f"workspaces/{team}")
        assert (ann.uid, 2, SETTINGS) == (stored["updatedBy"], stored["rev"], stored["settings"])
        assert ann.get(f"/workspaces/{team}").json() == answer.json()

    def test_what_is_left_out_stays(self, world: World):
        """A merge patch, also within the settings; null takes one away."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.patch(f"/workspaces/{team}", {"settings": SETTINGS})

        answer = ann.patch(f"/workspaces/{team}", {"settings": {"weekStart": None}})

        assert SETTINGS | {"weekStart": None} == answer.json()["settings"]
        assert "Launch" == answer.json()["name"]

    def test_what_changes_nothing_writes_nothing(self, world: World):
        """The revision stays."""
        ann = world.person("Ann")
        team = world.team(ann)

        answer = ann.patch(f"/workspaces/{team}", {"name": "Launch", "settings": {}})

        assert (200, 1) == (answer.status_code, answer.json()["rev"])
        assert 0 == cost_of(answer)[2]

    def test_a_stale_tag_is_told_what_is_there_now(self, world: World):
        """And nothing is written."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.patch(f"/workspaces/{team}", {"name": "Garden"})

        answer = ann.patch(f"/workspaces/{team}", {"name": "X"}, headers={"If-Match": '"1"'})

        assert (412, "precondition-failed") == (answer.status_code, answer.json()["code"])
        assert ("Garden", 2) == (answer.json()["current"]["name"], answer.json()["current"]["rev"])
        assert "Garden" == world.document(f"workspaces/{team}")["name"]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"name": ""}, "/name"),
            ({"name": "x" * 201}, "/name"),
            ({"name": None}, "/name"),
            ({"settings": None}, "/settings"),
            ({"settings": {"timezone": "Mars/Base"}}, "/settings/timezone"),
            ({"settings": {"weekStart": 8}}, "/settings/weekStart"),
            ({"settings": {"weekStart": "1"}}, "/settings/weekStart"),
            ({"settings": {"color": "red"}}, "/settings/color"),
            ({"ownerUid": "eve"}, "/ownerUid"),
            ({"type": "team"}, "/type"),
            ({"parentId": "w"}, "/parentId"),
            ({"purgeAt": None}, "/purgeAt"),
            ({"counters": {}}, "/counters"),
        ],
        ids=str,
    )
    def test_a_bad_change_is_refused_whole(self, world: World, changes: dict, pointer: str):
        """Server fields, too, are refused and not ignored."""
        ann = world.person("Ann")

        answer = ann.patch("/workspaces/me", {"name": "Mine", **changes})

        assert (422, [pointer]) == (
            answer.status_code,
            [fault["pointer"] for fault in answer.json()["errors"]],
        )
        assert "Personal" == world.document(f"workspaces/{ann.uid}")["name"]


class TestFound:
    """POST /api/v1/workspaces"""

    def test_nobody_belongs_to_more_than_apps_can_show(self, world: World):
        """Fifty, however one comes to them; leaving one makes room."""
        ann, bob = world.person("Ann"), world.person("Bob", "bob@example.com")
        team = world.team(ann)
        world.join(team, bob)
        member = world.document(f"workspaces/{team}/members/{bob.uid}")
        for number in range(MAX_MEMBERSHIPS - 2):
            world.write(f"workspaces/w-{number}/members/{bob.uid}", member)
        other = world.team(ann)
        token = token_of(world, other, invite(world, ann, other)["id"])

        full = [
            bob.post("/workspaces", {"name": "A"}),
            bob.post("/workspaces", {"name": "A", "parentId": team}),
            accept(bob, token),
        ]
        bob.post(f"/workspaces/{team}:leave")

        assert {(422, "limit-exceeded")} == {verdict(answer) for answer in full}
        assert 200 == accept(bob, token).status_code


class TestDelete:
    """DELETE /api/v1/workspaces/{w} and POST …:restore"""

    def test_it_stays_for_seven_days(self, world: World):
        """Everybody still sees it; deleting it again does not put that off."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        due = world.clock.now() + GRACE

        deleted = ann.delete(f"/workspaces/{team}")
        world.pass_time(timedelta(days=1))
        again = ann.delete(f"/workspaces/{team}")
        world.pass_time(timedelta(days=5))

        assert [202, 202] == [deleted.status_code, again.status_code]
        assert deleted.json() == again.json()
        assert due == world.document(f"workspaces/{team}")["purgeAt"]
        assert 200 == bob.get(f"/workspaces/{team}").status_code

    def test_after_seven_days_nothing_is_left(self, world: World):
        """Neither of the workspace nor of its spaces; what others have stays."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        space = bob.post("/workspaces", {"name": "Corner", "parentId": team}).json()["id"]
        for workspace in (team, space, ann.uid):
            owner = bob if workspace == space else ann
            assert owner.post(f"/workspaces/{workspace}/tasks", {"title": "A"}).status_code == 201
        world.settle()

        ann.delete(f"/workspaces/{team}")
        world.pass_time(GRACE + timedelta(minutes=1))

        assert 404 == ann.get(f"/workspaces/{team}").status_code
        assert 404 == bob.get(f"/workspaces/{space}").status_code
        for workspace in (team, space):
            assert None is world.document(f"workspaces/{workspace}")
            assert [] == world.documents(f"workspaces/{workspace}/members")
            assert [] == world.documents(f"workspaces/{workspace}/tasks")
        assert 1 == len(world.documents(f"workspaces/{ann.uid}/tasks"))
        world.pass_time(LOOKED_AGAIN)
        assert [] == world.documents("timers")

    def test_what_was_under_way_goes_too(self, world: World):
        """A reaction that commits behind the purge leaves something, which a second look finds."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.delete(f"/workspaces/{team}")
        world.pass_time(GRACE + timedelta(minutes=1))
        world.write(f"workspaces/{team}", {"counters": {"openTasks": 1}})
        world.write(f"workspaces/{team}/events/late", {"type": "task.created"})

        world.pass_time(LOOKED_AGAIN)

        assert None is world.document(f"workspaces/{team}")
        assert [] == world.documents(f"workspaces/{team}/events")
        assert [] == world.documents("timers")

    def test_a_large_one_takes_several_jobs(self, world: World):
        """Each goes on where the one before ran out of time."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.post(f"/workspaces/{team}/tasks", {"title": "A"})
        world.settle()
        ann.delete(f"/workspaces/{team}")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("backend.leaving.purge.WORK_S", 0.0)
            world.pass_time(GRACE)
        begun = world.document(f"workspaces/{team}"), len(world.documents("timers"))
        for _ in range(3):
            world.pass_time(timedelta(minutes=10))

        assert (None, 1) == begun
        assert [] == world.documents(f"workspaces/{team}/tasks")
        assert [] == world.documents("timers")

    def test_a_restored_workspace_stays(self, world: World):
        """Its timer is gone, and everything is as it was."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.delete(f"/workspaces/{team}")

        restored = ann.post(f"/workspaces/{team}:restore")
        again = ann.post(f"/workspaces/{team}:restore")
        world.pass_time(GRACE * 2)

        assert [200, 200] == [restored.status_code, again.status_code]
        assert (None, 3) == (again.json()["purgeAt"], again.json()["rev"])
        assert 200 == ann.get(f"/workspaces/{team}").status_code
        assert [] == world.documents("timers")

    def test_a_job_that_comes_late_for_a_restored_one_does_nothing(self, world: World):
        """Restored after the alarm was sent, and before it was heard."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.delete(f"/workspaces/{team}")
        world.settle()
        (timer,) = world.database.collection("timers").stream()
        stored = timer.to_dict()
        ann.post(f"/workspaces/{team}:restore")
        world.write(f"timers/{timer.id}", stored)  # As if the restoring had not withdrawn it.
        world.pass_time(GRACE + timedelta(minutes=1))

        assert 200 == ann.get(f"/workspaces/{team}").status_code
        assert [] == world.documents("timers")

    def test_when_its_time_is_over_it_cannot_be_restored(self, world: World):
        """Its purge may have begun."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.delete(f"/workspaces/{team}")
        world.clock.advance(GRACE)

        answer = ann.post(f"/workspaces/{team}:restore")

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])

    def test_a_personal_workspace_goes_with_its_account_only(self, world: World):
        """409, and nothing is written."""
        ann = world.person("Ann")

        answer = ann.delete("/workspaces/me")

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])
        assert None is world.document(f"workspaces/{ann.uid}")["purgeAt"]

    def test_a_stale_tag_deletes_nothing(self, world: World):
        """Somebody has changed it since the caller looked."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.patch(f"/workspaces/{team}", {"name": "Garden"})

        answer = ann.delete(f"/workspaces/{team}", headers={"If-Match": '"1"'})

        assert 412 == answer.status_code
        assert None is world.document(f"workspaces/{team}")["purgeAt"]
