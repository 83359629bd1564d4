"""Read here, gone there: the other devices are told what they need not show any longer. D9."""

from datetime import timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.adapters.jobs import Job
from backend.kit.documents import Query, Stored
from backend.kit.ids import random_id
from backend.notifications.model import Category, Verdict
from backend.timers.documents import timer_of
from backend.timers.service import alarm_body
from tests.api.doorbells import mark
from tests.api.inboxes import badge, dismissed, file, has_devices, ring_inbox
from tests.api.world import Caller, World

HOME = "/users/me/notifications"
ON_PHONE = {"X-Device-Id": "phone"}
DEVICES = ("phone", "tablet", "laptop")
SOON = timedelta(seconds=2)
NOTHING: dict[str, list[Any]] = {device: [] for device in DEVICES}


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with three devices."""
    person = world.person("Ann")
    has_devices(world, person, *DEVICES)
    return person


def told(world: World, person: Caller) -> dict[str, list[tuple[set[str], str]]]:
    """What each device was told to show no more, and its badge."""
    return {device: dismissed(world, person, device) for device in DEVICES}


def traces(world: World) -> list[dict[str, Any]]:
    """What is left of dismissals: timers and lists of what is shown."""
    timers = [each for each in world.documents("timers") if each["kind"] == "dismiss"]
    return timers + [each for each in world.documents("shadows") if "waiting" in each]


class TestByTheApi:
    """The device in hand says who it is, and needs not be told."""

    @pytest.mark.parametrize(
        ("method", "body"),
        [
            ("PATCH", {"readAt": True}),
            ("PATCH", {"archivedAt": True}),
            ("PATCH", {"snoozedUntil": "later"}),
            ("DELETE", None),
        ],
        ids=["read", "archived", "snoozed", "deleted"],
    )
    def test_gone_on_the_others(
        self, world: World, ann: Caller, method: str, body: dict[str, Any] | None
    ):
        """One dismissal for each device that was sent it, within two seconds, with the badge."""
        file(world, ann, 3, sent_to=["phone", "tablet"])
        if body == {"snoozedUntil": "later"}:
            body = {"snoozedUntil": f"{world.clock.now() + timedelta(days=1):%FT%TZ}"}

        answer = ann.call(method, f"{HOME}/n000", json=body, headers=ON_PHONE)
        world.pass_time(SOON)

        assert answer.ok
        assert {"phone": [], "tablet": [({"n000"}, "2")], "laptop": []} == told(world, ann)
        assert [] == traces(world)

    def test_a_caller_who_does_not_say_where(self, world: World, ann: Caller):
        """Then all that were sent it are told."""
        file(world, ann, 1, sent_to=["phone", "tablet"])

        ann.patch(f"{HOME}/n000", {"readAt": True})
        world.pass_time(SOON)

        gone = [({"n000"}, "0")]
        assert {"phone": gone, "tablet": gone, "laptop": []} == told(world, ann)

    def test_nothing_was_sent(self, world: World, ann: Caller):
        """Nobody is told, and nothing is even tried."""
        file(world, ann, 1)

        ann.patch(f"{HOME}/n000", {"readAt": True})

        assert [] == traces(world)

    def test_only_the_device_in_hand_shows_it(self, world: World, ann: Caller):
        """As most people have one."""
        file(world, ann, 1, sent_to=["phone"])

        ann.patch(f"{HOME}/n000", {"readAt": True}, headers=ON_PHONE)

        assert [] == traces(world)

    def test_read_after_it_was_read(self, world: World, ann: Caller):
        """Archived as well, and deleted in the end: it has gone once."""
        file(world, ann, 1, sent_to=["tablet"])

        for method, body in (
            ("PATCH", {"readAt": True}),
            ("PATCH", {"archivedAt": True}),
            ("DELETE", None),
        ):
            ann.call(method, f"{HOME}/n000", json=body)
            world.pass_time(SOON)

        assert [({"n000"}, "0")] == dismissed(world, ann, "tablet")

    def test_several_within_a_second_are_one(self, world: World, ann: Caller):
        """Whoever reads quickly does not have their devices woken each time."""
        every = file(world, ann, 5, sent_to=["tablet"])

        for each in every[:4]:
            ann.patch(f"{HOME}/{each}", {"readAt": True})
            world.clock.advance(timedelta(milliseconds=200))
        for _ in range(6):
            world.pass_time(timedelta(milliseconds=400))

        assert [({*every[:4]}, "1")] == dismissed(world, ann, "tablet")

    def test_unread_again_before_anybody_was_told(self, world: World, ann: Caller):
        """It may stay where it is shown."""
        file(world, ann, 1, sent_to=["tablet"])

        ann.patch(f"{HOME}/n000", {"readAt": True})
        ann.patch(f"{HOME}/n000", {"readAt": None})
        world.pass_time(SOON)

        assert [] == dismissed(world, ann, "tablet")
        assert [] == traces(world)

    def test_all_at_once(self, world: World, ann: Caller):
        """50 ids go into one dismissal; the badge is that of the end."""
        every = file(world, ann, 70, sent_to=["tablet"])

        ann.post(f"{HOME}:markAllRead", headers=ON_PHONE)
        world.pass_time(SOON)

        found = dismissed(world, ann, "tablet")
        assert [50, 20] == [len(ids) for ids, _ in found]
        assert {*every} == {each for ids, _ in found for each in ids}
        assert {"0"} == {number for _, number in found}
        assert [] == dismissed(world, ann, "phone")


class TestByAnApp:
    """An app marks it under the rules; nobody knows on which device."""

    @pytest.mark.parametrize("is_lost", [False, True], ids=["doorbell", "lost doorbell"])
    @pytest.mark.parametrize("name", ["readAt", "archivedAt"])
    def test_gone_on_all(self, world: World, ann: Caller, name: str, is_lost: bool):
        """Also on that one: it is gone there already."""
        file(world, ann, 2, sent_to=["phone", "tablet"])

        mark(world, ann, "n000", {name: world.clock.now()})
        if not is_lost:
            ring_inbox(world, ann, "n000")
        world.settle()
        world.pass_time(SOON)

        gone = [({"n000"}, "1")]
        assert {"phone": gone, "tablet": gone, "laptop": []} == told(world, ann)

    def test_a_doorbell_that_rings_twice(self, world: World, ann: Caller):
        """It finds nothing left to do."""
        file(world, ann, 1, sent_to=["tablet"])
        mark(world, ann, "n000", {"readAt": world.clock.now()})

        for _ in range(3):
            ring_inbox(world, ann, "n000")
            world.tasks.settle()
            world.pass_time(SOON)

        assert [({"n000"}, "0")] == dismissed(world, ann, "tablet")


class TestTasks:
    """A task that was done needs nobody any more."""

    @pytest.fixture
    def task(self, world: World, ann: Caller) -> str:
        """A task of Bob's, which Ann is to do, and was told of on her tablet."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        made = bob.post(f"/workspaces/{team}/tasks", {"title": "A", "assigneeIds": [ann.uid]})
        world.settle(times=2)
        world.pass_time(timedelta(minutes=1))
        return f"/workspaces/{team}/tasks/{made.json()['id']}"

    def test_what_asked_for_it_is_gone(self, world: World, ann: Caller, task: str):
        """On every device; it stays in the inbox as it was, and so does the badge."""
        before = badge(world, ann)

        assert ann.post(f"{task}/completion").ok
        world.settle(times=2)
        world.pass_time(SOON)

        (notification,) = ann.get(HOME).json()["items"]
        gone = [({notification["id"]}, "1")]
        assert dict.fromkeys(DEVICES, gone) == told(world, ann)
        assert notification["isUnread"]
        assert before == badge(world, ann)

    def test_opened_again_at_once(self, world: World, ann: Caller, task: str):
        """Then it is to be done after all."""
        ann.post(f"{task}/completion")
        ann.delete(f"{task}/completion")
        world.settle(times=2)
        world.pass_time(SOON)

        assert NOTHING == told(world, ann)

    def test_what_was_said_about_it_stays(self, world: World, ann: Caller, task: str):
        """A comment asks for nothing that is done with the task."""
        file(
            world,
            ann,
            1,
            sent_to=["tablet"],
            category=Category.MENTION,
            workspace_id=task.split("/")[2],
            task_id=task.split("/")[4],
        )

        ann.post(f"{task}/completion")
        world.settle(times=2)
        world.pass_time(SOON)

        assert {"n000"} not in [ids for ids, _ in dismissed(world, ann, "tablet")]


class TestTrouble:
    """FCM that does not answer, pushes under way, devices that are gone."""

    def test_fcm_is_busy(self, world: World, ann: Caller):
        """It is tried again, and then noted once."""
        file(world, ann, 1, sent_to=["tablet"])
        world.fcm.script(f"token-{ann.uid}-tablet", ["UNAVAILABLE"])

        ann.patch(f"{HOME}/n000", {"readAt": True})
        world.pass_time(SOON)
        world.pass_time(timedelta(minutes=1))

        assert 2 == len(dismissed(world, ann, "tablet"))
        assert [] == traces(world)

    def test_fcm_never_answers(self, world: World, ann: Caller):
        """After a while it is let go: a dismissal that is late is worth nothing."""
        file(world, ann, 1, sent_to=["tablet"])
        world.fcm.script(f"token-{ann.uid}-tablet", ["UNAVAILABLE"], repeat=True)

        ann.patch(f"{HOME}/n000", {"readAt": True})
        for _ in range(8):
            world.pass_time(timedelta(minutes=5))

        assert 4 == len(dismissed(world, ann, "tablet"))
        assert [] == traces(world)

    def test_a_device_that_is_gone(self, world: World, ann: Caller):
        """It is disabled, as where a push finds that."""
        file(world, ann, 1, sent_to=["tablet", "laptop"])
        world.fcm.script(f"token-{ann.uid}-tablet", ["UNREGISTERED"])

        ann.patch(f"{HOME}/n000", {"readAt": True})
        world.pass_time(SOON)

        tablet = world.document(f"users/{ann.uid}/devices/tablet") or {}
        assert tablet["disabledAt"] is not None
        assert [({"n000"}, "0")] == dismissed(world, ann, "laptop")
        assert [] == traces(world)

    def test_a_push_that_was_just_under_way(self, world: World, ann: Caller):
        """Read before its push was noted as sent: it is taken off a little later."""
        file(world, ann, 1)
        decision = world.database.document(f"users/{ann.uid}/notifications/n000/decisions/push")
        decision.update({"decision": Verdict.PENDING.value})

        ann.patch(f"{HOME}/n000", {"readAt": True})
        world.pass_time(SOON)
        before = told(world, ann)
        decision.update({"decision": Verdict.SENT.value, "devices": {"tablet": "sent"}})
        world.pass_time(timedelta(seconds=10))

        assert NOTHING == before
        assert {"phone": [], "tablet": [({"n000"}, "0")], "laptop": []} == told(world, ann)
        assert [] == traces(world)

    def test_jobs_that_come_twice_and_late(self, world: World, ann: Caller):
        """What was told once is not told again."""
        file(world, ann, 1, sent_to=["tablet"])
        ann.patch(f"{HOME}/n000", {"readAt": True})
        stored = [each for each in _timers(world) if each.fields["kind"] == "dismiss"]
        world.pass_time(SOON)

        for each in stored * 2:
            body = alarm_body(timer_of(each))
            world.services.ports.jobs.enqueue(Job("fire", body, key=random_id()))
            world.tasks.settle()

        assert 1 == len(dismissed(world, ann, "tablet"))


class TestCost:
    """What a dismissal asks of Firestore."""

    def test_it_grows_with_what_was_read(self, world: World, ann: Caller):
        """The timer, the list, the badge, the devices; two documents for each that was read."""
        file(world, ann, 2, sent_to=["tablet"])
        for each in ("n000", "n001"):
            ann.patch(f"{HOME}/{each}", {"readAt": True})
        (stored,) = [each for each in _timers(world) if each.fields["kind"] == "dismiss"]
        world.clock.advance(SOON)

        with metered() as usage:
            world.services.firing.fire(alarm_body(timer_of(stored)))

        assert (5, 3 + len(DEVICES) + 2 * 2 + 2, 2) == (usage.rpcs, usage.reads, usage.writes)


def _timers(world: World) -> list[Stored]:
    return world.services.ports.store.find(Query("timers", limit=100))
