"""What comes while it is quiet is held, and pushed when that is over: together, and once."""

from datetime import timedelta

import pytest

from tests.api.broadcasting import an_admin
from tests.api.factories import app_task
from tests.api.firebase_person import hold_jobs_back
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.wishes import ALWAYS, decision, ids, prefers, quiet_for
from tests.api.world import Caller, World

APART = {"bundleMinutes": 0}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    bob = world.person("Bob")
    bob.has_phone()
    return bob


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    return world.team(ann, bob)


def assign(world: World, team: str, ann: Caller, bob: Caller, count: int = 1) -> None:
    for number in range(count):
        title = f"Task {number}"
        world.ring(team, app_task(world, team, by=ann, assignees=[bob], title=title))
        world.settle()
        world.clock.advance(timedelta(seconds=1))


def pushed(world: World, bob: Caller) -> list[str]:
    """The titles of the pushes that came to Bob's phone, in their order."""
    sent = world.fcm.messages(f"token-of-{bob.uid}")
    return [each.message["notification"]["title"] for each in sent]


def reasons(world: World, bob: Caller) -> list[tuple[str, str]]:
    found = [decision(world, bob, each, "push") for each in ids(world, bob)]
    return [(each["decision"], each["reason"]) for each in found]


class TestHeld:
    """M106: held, not lost."""

    def test_several_are_one_push(self, world: World, team: str, ann: Caller, bob: Caller):
        """At the end, and the inbox has had them all along."""
        quiet_for(world, bob, 2, **APART)

        assign(world, team, ann, bob, count=3)
        before, filed = pushed(world, bob), len(world.inbox(bob))
        world.pass_time(timedelta(hours=2))

        assert ([], 3) == (before, filed)
        assert ["3 notifications while it was quiet"] == pushed(world, bob)
        assert [("merged", "released")] * 2 == reasons(world, bob)[:2]
        assert "sent" == reasons(world, bob)[2][0]

    def test_one_is_itself(self, world: World, team: str, ann: Caller, bob: Caller):
        """With its own words."""
        quiet_for(world, bob, 2)

        assign(world, team, ann, bob)
        world.pass_time(timedelta(hours=2))

        assert ["Ann assigned you a task"] == pushed(world, bob)

    def test_what_was_seen_is_not_pushed(self, world: World, team: str, ann: Caller, bob: Caller):
        """The person has looked into the app at night."""
        quiet_for(world, bob, 2, **APART)
        assign(world, team, ann, bob, count=2)
        first = f"users/{bob.uid}/notifications/{ids(world, bob)[0]}"
        world.database.document(first).update({"readAt": world.clock.now()})

        world.pass_time(timedelta(hours=2))

        assert ["Ann assigned you a task"] == pushed(world, bob)
        assert [("suppressed", "seenAlready"), "sent"] == [
            reasons(world, bob)[0],
            reasons(world, bob)[1][0],
        ]

    def test_urgent_ones_pass(self, world: World, team: str, ann: Caller, bob: Caller):
        """Unless the person says that they shall not."""
        quiet_for(world, bob, 2, **APART)
        body = {"title": "Fire", "priority": "urgent", "assigneeIds": [bob.uid]}
        ann.post(f"/workspaces/{team}/tasks", body)
        world.settle()
        passed = len(pushed(world, bob))
        quiet_for(world, bob, 2, urgentPasses=False, **APART)
        ann.post(f"/workspaces/{team}/tasks", body)
        world.settle()

        assert (1, 1) == (passed, len(pushed(world, bob)))

    def test_quiet_that_was_made_longer(self, world: World, team: str, ann: Caller, bob: Caller):
        """Is kept: what is held waits on."""
        quiet_for(world, bob, 2)
        assign(world, team, ann, bob)
        world.clock.advance(timedelta(hours=1))
        quiet_for(world, bob, 3)

        world.pass_time(timedelta(hours=1, minutes=1))
        before = pushed(world, bob)
        world.pass_time(timedelta(hours=2))

        assert ([], ["Ann assigned you a task"]) == (before, pushed(world, bob))

    def test_the_group_that_is_held(self, world: World, team: str, ann: Caller, bob: Caller):
        """Counts on, and is one push."""
        quiet_for(world, bob, 2)

        assign(world, team, ann, bob, count=3)
        world.pass_time(timedelta(hours=2))

        assert ["3 changes in Launch"] == pushed(world, bob)

    def test_the_group_whose_first_is_gone(self, world: World, team: str, ann: Caller, bob: Caller):
        """Tells of the others: it does not hang on that one task."""
        quiet_for(world, bob, 2)
        assign(world, team, ann, bob, count=3)
        tasks = world.database.collection(f"workspaces/{team}/tasks").stream()
        (first,) = (each for each in tasks if each.get("title") == "Task 0")
        first.reference.update({"assigneeIds": [], "rev": 2})

        world.pass_time(timedelta(hours=2))

        assert ["3 changes in Launch"] == pushed(world, bob)

    def test_quiet_hours_that_were_taken_away(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """What is held already comes when it was said to; what is new comes at once."""
        quiet_for(world, bob, 2, **APART)
        assign(world, team, ann, bob)
        prefers(world, bob, **APART)
        assign(world, team, ann, bob)
        at_once = len(pushed(world, bob))
        world.pass_time(timedelta(hours=2))

        assert (1, 2) == (at_once, len(pushed(world, bob)))

    def test_quiet_without_end(self, world: World, team: str, ann: Caller, bob: Caller):
        """Once a week they hear of what has been held, and of what was held since a week later."""
        prefers(world, bob, quietHours=ALWAYS, **APART)
        assign(world, team, ann, bob)
        world.pass_time(timedelta(days=4))
        assign(world, team, ann, bob)
        world.pass_time(timedelta(days=2))
        before = pushed(world, bob)
        world.pass_time(timedelta(days=1))
        assign(world, team, ann, bob)
        after = pushed(world, bob)
        world.pass_time(timedelta(days=8))

        assert ([], ["2 notifications while it was quiet"]) == (before, after)
        assert "Ann assigned you a task" == pushed(world, bob)[-1]

    def test_the_newest_was_put_off(self, world: World, team: str, ann: Caller, bob: Caller):
        """By somebody who has looked into the app at night: the others are pushed without it."""
        quiet_for(world, bob, 2, **APART)
        assign(world, team, ann, bob, count=3)
        put_off = f"/users/me/notifications/{ids(world, bob)[-1]}"
        until = world.clock.now() + timedelta(hours=9)
        bob.patch(put_off, {"snoozedUntil": until.isoformat()})

        world.pass_time(timedelta(hours=2))

        assert ["2 notifications while it was quiet"] == pushed(world, bob)
        assert ("suppressed", "snoozed") == reasons(world, bob)[2]

    def test_somebody_who_is_locked_out_meanwhile(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """Nothing of what was held comes to their phone."""
        quiet_for(world, bob, 2, **APART)
        assign(world, team, ann, bob, count=2)
        an_admin(world).post(f"/admin/users/{bob.uid}/disablement", {"reason": "Dismissed."})

        world.pass_time(timedelta(hours=2))

        assert [] == pushed(world, bob)
        assert [("suppressed", "accountDisabled")] * 2 == reasons(world, bob)


class TestKilled:
    """The worker that releases."""

    @pytest.mark.parametrize("at", [1, 2])
    def test_they_are_pushed_once(self, world: World, team: str, ann: Caller, bob: Caller, at: int):
        """Before and behind its commit; its timer comes again."""
        until = quiet_for(world, bob, 2, **APART)
        assign(world, team, ann, bob, count=2)
        world.clock.move_to(until)
        hold_jobs_back(world)
        (timer,) = world.database.collection("timers").where("kind", "==", "release").stream()
        mortal = mortal_services(world, Fate(at), MortalAtEveryCommit)

        with pytest.raises(Killed):
            mortal.firing.fire({"timerId": timer.id, "kind": "release", "uid": bob.uid})
        for _ in range(4):
            world.pass_time(timedelta(minutes=5))

        assert ["2 notifications while it was quiet"] == pushed(world, bob)
