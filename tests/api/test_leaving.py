"""`DELETE /users/me` and the way back: who may, when, and what stands in the way."""

from datetime import timedelta

import pytest

from backend.leaving.model import GRACE, erasure_id
from local.cloudtasks import Fault, FaultKind
from tests.api.world import Caller, World

CANCEL = "/users/me:cancelErasure"
MOMENT = timedelta(seconds=1)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestAsking:
    """Seven days of grace, in which nothing changes."""

    def test_the_account_says_when(self, world: World, ann: Caller):
        """202, the instant, and its new revision as the tag."""
        answer = ann.delete("/users/me")

        assert 202 == answer.status_code
        assert ['"2"', 2] == [answer.headers["ETag"], answer.json()["rev"]]
        erase_at = world.document(f"users/{ann.uid}")["eraseAt"]
        assert world.clock.now() + GRACE == erase_at
        assert ann.get("/users/me").json()["eraseAt"] == answer.json()["eraseAt"]

    def test_asking_again_moves_nothing(self, world: World, ann: Caller):
        """The first instant stays, so that nobody postpones what is to come for ever."""
        first = ann.delete("/users/me").json()
        world.clock.advance(timedelta(days=1))

        assert first == ann.delete("/users/me").json()

    def test_the_same_key_is_one_request(self, ann: Caller):
        """As for every change."""
        key = {"Idempotency-Key": "leave"}

        answers = [ann.delete("/users/me", headers=key) for _ in range(2)]

        assert [202, 202] == [answer.status_code for answer in answers]
        assert answers[0].json() == answers[1].json()
        assert "true" == answers[1].headers["Idempotent-Replayed"]

    def test_until_then_everything_works(self, world: World, ann: Caller):
        """Also on the last day."""
        ann.delete("/users/me")

        world.pass_time(GRACE - MOMENT)

        assert 201 == ann.post("/workspaces/me/tasks", {"title": "A"}).status_code
        assert 1 == len(ann.get("/workspaces/me/tasks").json()["items"])

    def test_it_needs_a_recent_sign_in(self, world: World, ann: Caller):
        """A phone left on a table cannot do it."""
        token = world.token(ann.uid, auth_time=int(world.clock.now().timestamp()) - 3600)

        answer = ann.delete("/users/me", headers={"Authorization": f"Bearer {token}"})

        assert (401, "reauthentication-required") == (answer.status_code, answer.json()["code"])

    def test_it_is_in_the_audit_log(self, world: World, ann: Caller):
        """Once, in the same commit."""
        ann.delete("/users/me")
        ann.delete("/users/me")

        assert ["account.erasureAskedFor"] == [each["action"] for each in world.documents("audit")]


class TestOwners:
    """Nobody leaves others without an owner."""

    def test_teams_with_others_are_named(self, world: World, ann: Caller):
        """409, and nothing has been begun."""
        team = world.team(ann, world.person("Bob"))
        world.team(ann)

        answer = ann.delete("/users/me")

        assert (409, "still-owner") == (answer.status_code, answer.json()["code"])
        assert [{"id": team, "name": "Launch"}] == answer.json()["workspaces"]
        assert ann.get("/users/me").json()["eraseAt"] is None
        assert world.document(f"timers/{erasure_id(ann.uid)}") is None

    def test_who_has_transferred_them_may_go(self, world: World, ann: Caller):
        """A member of a team leaves it without asking anybody."""
        world.team(world.person("Bob"), ann)

        assert 202 == ann.delete("/users/me").status_code

    def test_a_team_that_others_joined_since_is_handed_over(self, world: World, ann: Caller):
        """It had nobody else when she asked; who came in the meantime keeps it, and its work."""
        team, bob = world.team(ann), world.person("Bob")
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "Stays"}).json()
        ann.delete("/users/me")
        world.join(team, bob)

        _until_erased(world, ann)

        assert bob.uid == world.document(f"workspaces/{team}")["ownerUid"]
        assert "Stays" == bob.get(f"/workspaces/{team}/tasks/{task['id']}").json()["title"]


class TestCancelling:
    """The way back, while there is one."""

    def test_who_stays_keeps_everything(self, world: World, ann: Caller):
        """The timer is gone, and nothing happens when the day comes."""
        ann.post("/workspaces/me/tasks", {"title": "A"})
        ann.delete("/users/me")
        world.pass_time(GRACE - MOMENT)

        answer = ann.post(CANCEL)
        world.pass_time(GRACE)

        assert (200, None) == (answer.status_code, answer.json()["eraseAt"])
        assert 1 == len(ann.get("/workspaces/me/tasks").json()["items"])
        assert world.documents("receipts") == []

    def test_who_never_asked_stays_too(self, ann: Caller):
        """There is nothing to refuse."""
        assert [200, 1] == [ann.post(CANCEL).status_code, ann.get("/users/me").json()["rev"]]

    def test_asking_anew_begins_anew(self, world: World, ann: Caller):
        """A full grace from then on."""
        ann.delete("/users/me")
        ann.post(CANCEL)
        world.clock.advance(timedelta(days=3))
        ann.delete("/users/me")

        world.pass_time(GRACE - timedelta(days=1))

        assert 200 == ann.get("/users/me").status_code
        assert world.documents("receipts") == []

    def test_the_last_moment_is_in_time_and_the_next_is_not(self, world: World, ann: Caller):
        """It is the instant that counts, not the job, which may be late."""
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
        ann.delete("/users/me")
        world.clock.advance(GRACE)
        late = ann.post(CANCEL)

        assert (409, "invalid-transition") == (late.status_code, late.json()["code"])
        assert world.document(f"users/{ann.uid}")["eraseAt"] is not None

    def test_a_cancelled_timer_that_rings_all_the_same_does_nothing(
        self, world: World, ann: Caller
    ):
        """Its job may be on the way already."""
        ann.delete("/users/me")
        timer = world.document(f"timers/{erasure_id(ann.uid)}")
        ann.post(CANCEL)
        world.clock.advance(GRACE)
        body = {"timerId": erasure_id(ann.uid), "kind": "erasure", "uid": ann.uid}

        world.services.firing.fire(body)
        world.write(f"timers/{erasure_id(ann.uid)}", timer)
        world.services.firing.fire(body)

        assert 200 == ann.get("/users/me").status_code
        assert world.document(f"timers/{erasure_id(ann.uid)}") is None


def _until_erased(world: World, person: Caller) -> None:
    world.pass_time(GRACE)
    for _ in range(8):
        world.pass_time(timedelta(minutes=66))
    assert world.document(f"timers/{erasure_id(person.uid)}") is None
