"""What a device is sent: exact counts, how much it may disturb, and one attempt for all devices."""

from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.documents import known_devices_fields, known_devices_path
from backend.accounts.model import KnownDevice, Platform
from backend.adapters.firestore import metered
from backend.notifications.model import Category
from tests.api.factories import app_task
from tests.api.firebase_person import hold_jobs_back
from tests.api.noticing import decided, notice
from tests.api.wishes import prefers, quiet_for
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    return world.team(ann, bob)


def assign(world: World, team: str, ann: Caller, bob: Caller, **fields: Any) -> str:
    """Ann gives Bob a task straight from her app; all that follows is done."""
    task_id = app_task(world, team, by=ann, assignees=[bob])
    if fields:
        world.database.document(f"workspaces/{team}/tasks/{task_id}").update(fields)
    world.ring(team, task_id)
    world.settle()
    return task_id


def has_devices(world: World, person: Caller, *names: str) -> None:
    """Devices that nobody needs to be told of; each one's token is its name."""
    known = [KnownDevice(each, Platform.IOS, world.clock.now()) for each in names]
    world.write(known_devices_path(person.uid), known_devices_fields(person.uid, known))
    for name in names:
        person.put(f"/users/me/devices/{name}", {"token": name, "platform": "ios"})


def last(world: World, token: str) -> dict[str, Any]:
    """The last message that came for a device."""
    shown = [each for each in world.fcm.messages(token) if "notification" in each.fields]
    return dict(shown[-1].fields)


def aps(message: dict[str, Any]) -> dict[str, Any]:
    return dict(message["apns"]["payload"]["aps"])


def job_of(world: World, kind: str) -> dict[str, str]:
    """The job of the only timer of its kind."""
    found = world.database.collection("timers").stream()
    (timer,) = (each for each in found if each.get("kind") == kind)
    return {"timerId": timer.id, "kind": kind, **timer.get("subject")}


class TestMessages:
    """As the platforms want it."""

    def test_the_badge_is_what_the_app_counts(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """Exactly, after some have been read."""
        prefers(world, bob, bundleMinutes=0)
        phone = bob.has_phone()
        badges = []
        for _ in range(3):
            assign(world, team, ann, bob)
            badges.append(aps(last(world, phone))["badge"])
        assert 200 == bob.post("/users/me/notifications:markAllRead").status_code
        assign(world, team, ann, bob)
        badges.append(aps(last(world, phone))["badge"])

        assert [1, 2, 3, 1] == badges

    def test_what_it_says_and_where_it_leads(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """Words, channel, tag, and a link that a browser opens."""
        phone = bob.has_phone()

        task_id = assign(world, team, ann, bob)
        message = last(world, phone)
        (filed,) = world.database.collection(f"users/{bob.uid}/notifications").get()

        assert {"title": filed.get("title"), "body": filed.get("body")} == message["notification"]
        assert {
            "tag": filed.id,
            "channel_id": "assigned",
            "notification_count": 1,
        } == message["android"]["notification"]
        assert filed.id == message["apns"]["headers"]["apns-collapse-id"]
        assert message["webpush"]["fcm_options"]["link"].endswith(f"/tasks/{task_id}")
        assert {"notificationId", "category", "link", "workspaceId", "taskId"} == set(
            message["data"]
        )

    def test_an_urgent_task_breaks_through(self, world: World, team: str, ann: Caller, bob: Caller):
        """As it is now: the rest comes as it should."""
        prefers(world, bob, bundleMinutes=0)
        phone = bob.has_phone()

        levels = []
        for priority in (0, 4):
            assign(world, team, ann, bob, priority=priority)
            levels.append(aps(last(world, phone))["interruption-level"])

        assert ["active", "time-sensitive"] == levels

    def test_a_group_counts(self, world: World, team: str, ann: Caller, bob: Caller):
        """On the one push that replaces the one before."""
        phone = bob.has_phone()

        for _ in range(3):
            assign(world, team, ann, bob)
        world.pass_time(timedelta(seconds=11))

        (shown,) = world.fcm.tray(phone)
        assert 3 == shown.push.fields["android"]["notification"]["notification_count"]
        assert "sound" not in aps(dict(shown.push.fields))

    def test_what_was_held_says_how_many(self, world: World, team: str, ann: Caller, bob: Caller):
        """In the person's language, with the badge as it is by then."""
        quiet_for(world, bob, 2, bundleMinutes=0)
        bob.patch("/users/me", {"locale": "de"})
        phone = bob.has_phone()

        for _ in range(3):
            assign(world, team, ann, bob)
        world.pass_time(timedelta(hours=2))
        message = last(world, phone)

        assert "3 Benachrichtigungen" in message["notification"]["title"]
        assert (3, 3) == (
            aps(message)["badge"],
            message["android"]["notification"]["notification_count"],
        )
        assert "default" == aps(message)["sound"]

    def test_who_left_meanwhile_is_not_told(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """What was held for the night is nothing of theirs in the morning."""
        quiet_for(world, bob, 2, bundleMinutes=0)
        phone = bob.has_phone()
        held = notice(world, bob, workspace_id=team)
        assert 204 == ann.delete(f"/workspaces/{team}/members/{bob.uid}").status_code
        world.settle()
        world.pass_time(timedelta(hours=2))

        assert [] == [each for each in world.fcm.messages(phone) if "notification" in each.fields]
        assert ("suppressed", "leftWorkspace") == (
            decided(world, bob, held, "push")["decision"],
            decided(world, bob, held, "push")["reason"],
        )

    def test_an_invitation_reaches_who_is_no_member_yet(
        self, world: World, ann: Caller, bob: Caller
    ):
        """They are to become one."""
        phone, values = bob.has_phone(), {"actor": "Ann", "workspace": "Launch"}
        notice(world, bob, Category.INVITATION, values=values, workspace_id=world.team(ann))

        assert "Launch" in str(last(world, phone)["notification"])


class TestAttempt:
    """One for all devices."""

    def test_what_it_costs(self, world: World, team: str, ann: Caller, bob: Caller):
        """Features, section 5: three round trips, a read a device, and the record."""
        has_devices(world, bob, "phone", "tablet", "laptop")
        hold_jobs_back(world)
        assign(world, team, ann, bob)
        world.services.firing.fire(job_of(world, "notify"))
        job = job_of(world, "push")
        with metered() as usage:
            world.services.firing.fire(job)
        with metered() as again:
            world.services.firing.fire(job)

        # Timer, notification, decision, badge, membership and task; a device each. Decision, and
        # no timer.
        assert (3, 6 + 3, 1 + 1) == (usage.rpcs, usage.reads, usage.writes)
        assert (1, 0) == (again.rpcs, again.writes)
        assert 3 == len(world.fcm.messages())

    def test_what_was_put_off_is_not_pushed(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """They have seen it, and want it later."""
        bob.has_phone()
        hold_jobs_back(world)
        assign(world, team, ann, bob)
        world.services.firing.fire(job_of(world, "notify"))
        (filed,) = world.database.collection(f"users/{bob.uid}/notifications").get()
        filed.reference.update({"snoozedUntil": world.clock.now() + timedelta(hours=1)})

        world.services.firing.fire(job_of(world, "push"))

        decision = world.only_decision(bob, "push")
        assert ("suppressed", "snoozed") == (decision["decision"], decision["reason"])
        assert [] == world.fcm.messages()
