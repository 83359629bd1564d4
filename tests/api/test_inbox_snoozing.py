"""Put off until later: hidden from badge and unread until then; then back, unread, and pushed."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.inbox.documents import snooze_timer_id
from backend.inbox.model import KEPT_ONCE_BACK
from backend.kit.documents import Query, Where
from backend.notifications.model import KEPT, Category
from backend.timers.documents import timer_of
from backend.timers.service import alarm_body
from local.cloudtasks import Fault, FaultKind
from tests.api.doorbells import mark
from tests.api.inboxes import badge, file, has_devices, ring_inbox
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.wishes import decision, prefers, quiet_for
from tests.api.world import Caller, World

HOME = "/users/me/notifications"
HOUR = timedelta(hours=1)
NOW = timedelta(seconds=1)
QUARTER = timedelta(minutes=15)
GONE, BACK = {"unread": 0, "by": {}}, {"unread": 1, "by": {"assigned": 1}}


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with a phone, who was told one thing."""
    person = world.person("Ann")
    has_devices(world, person, "phone")
    file(world, person, 1, sent_to=["phone"], workspace_id=None, task_id=None)
    return person


def later(world: World, by: timedelta = HOUR) -> datetime:
    return (world.clock.now() + by).replace(microsecond=0)


def snooze(world: World, person: Caller, until: datetime, *, by_app: bool = False) -> None:
    """Put the notification off, by the API or as an app does."""
    if by_app:
        mark(world, person, "n000", {"snoozedUntil": until})
        ring_inbox(world, person, "n000")
        world.settle()
    else:
        assert person.patch(f"{HOME}/n000", {"snoozedUntil": f"{until:%FT%TZ}"}).ok


def pushed(world: World, person: Caller) -> list[str]:
    """The titles of what the phone was shown."""
    said = [each.message for each in world.fcm.messages(f"token-{person.uid}-phone")]
    return [each["notification"]["title"] for each in said if "notification" in each]


def notification(world: World, person: Caller) -> dict[str, Any]:
    return world.document(f"users/{person.uid}/notifications/n000") or {}


def timers(world: World) -> list[datetime]:
    """When snoozes end."""
    return [each["fireAt"] for each in world.documents("timers") if each["kind"] == "snoozed"]


@pytest.mark.parametrize("by_app", [False, True], ids=["by the API", "by an app"])
class TestSnoozing:
    """It comes back by itself."""

    def test_gone_until_then(self, world: World, ann: Caller, by_app: bool):
        """From the badge, and from what is unread; not from the list."""
        snooze(world, ann, later(world), by_app=by_app)
        world.pass_time(HOUR - timedelta(minutes=1))

        assert GONE == badge(world, ann)
        assert [] == ann.get(f"{HOME}?unread=true").json()["items"]
        assert ["n000"] == [each["id"] for each in ann.get(HOME).json()["items"]]
        assert [] == pushed(world, ann)

    @pytest.mark.parametrize("was_read", [False, True], ids=["unread", "read"])
    def test_back_then(self, world: World, ann: Caller, by_app: bool, was_read: bool):
        """Unread, whether or not it was read before, and pushed once."""
        if was_read:
            ann.patch(f"{HOME}/n000", {"readAt": True})
        snooze(world, ann, later(world), by_app=by_app)

        world.pass_time(HOUR + NOW)

        (item,) = ann.get(f"{HOME}?unread=true").json()["items"]
        assert (None, None) == (item["snoozedUntil"], item["readAt"])
        assert BACK == badge(world, ann)
        assert ["Bob assigned you a task"] == pushed(world, ann)
        assert "sent" == decision(world, ann, "n000", "push")["decision"]
        assert [] == timers(world)

    def test_back_on_top(self, world: World, ann: Caller, by_app: bool):
        """Where apps look, which show the newest thirty; not where it was before."""
        snooze(world, ann, later(world), by_app=by_app)
        world.clock.advance(HOUR / 2)
        file(world, ann, 1, first=1, workspace_id=None, task_id=None)
        before = [each["id"] for each in ann.get(HOME).json()["items"]]

        world.pass_time(HOUR / 2 + NOW)

        after = [each["id"] for each in ann.get(HOME).json()["items"]]
        assert (["n001", "n000"], ["n000", "n001"]) == (before, after)

    def test_put_off_further(self, world: World, ann: Caller, by_app: bool):
        """The last wish counts."""
        snooze(world, ann, later(world), by_app=by_app)
        until = later(world, 2 * HOUR)
        snooze(world, ann, until, by_app=by_app)
        waiting = timers(world)

        world.pass_time(HOUR + NOW)

        assert [until] == waiting
        assert GONE == badge(world, ann)

    def test_taken_back(self, world: World, ann: Caller, by_app: bool):
        """It is back at once, and nothing comes later."""
        snooze(world, ann, later(world), by_app=by_app)
        if by_app:
            mark(world, ann, "n000", {"snoozedUntil": None})
            ring_inbox(world, ann, "n000")
            world.settle()
        else:
            ann.patch(f"{HOME}/n000", {"snoozedUntil": None})

        assert BACK == badge(world, ann)
        assert [] == timers(world)

    def test_archived_meanwhile(self, world: World, ann: Caller, by_app: bool):
        """It stays in the archive, and nobody is told."""
        snooze(world, ann, later(world), by_app=by_app)
        ann.patch(f"{HOME}/n000", {"archivedAt": True})

        world.pass_time(HOUR + NOW)

        assert GONE == badge(world, ann)
        assert [] == pushed(world, ann)
        assert None is notification(world, ann)["snoozedUntil"]

    def test_deleted_meanwhile(self, world: World, ann: Caller, by_app: bool):
        """Nothing comes back of it."""
        snooze(world, ann, later(world), by_app=by_app)
        ann.delete(f"{HOME}/n000")
        waiting = timers(world)

        world.pass_time(HOUR + NOW)

        assert [] == waiting
        assert {} == notification(world, ann)
        assert [] == pushed(world, ann)


@pytest.mark.parametrize("by_app", [False, True], ids=["by the API", "by an app"])
class TestLongSnoozes:
    """Put off for longer than notifications are kept."""

    def test_it_is_kept_until_it_is_back(self, world: World, ann: Caller, by_app: bool):
        """And for some time from then on."""
        until = later(world, 2 * KEPT)
        snooze(world, ann, until, by_app=by_app)
        expiry = notification(world, ann)["expireAt"]

        world.clock.advance(2 * KEPT - HOUR)
        kept = [each["id"] for each in ann.get(HOME).json()["items"]]
        world.pass_time(HOUR + NOW)

        assert (until + KEPT_ONCE_BACK, ["n000"]) == (expiry, kept)
        assert ["n000"] == [each["id"] for each in ann.get(HOME).json()["items"]]
        assert BACK == badge(world, ann)

    def test_put_off_further_when_nobody_rang(self, world: World, ann: Caller, by_app: bool):
        """The timer of the shorter one finds the longer, and keeps it as well."""
        snooze(world, ann, later(world), by_app=by_app)
        until = later(world, 2 * KEPT)
        mark(world, ann, "n000", {"snoozedUntil": until})

        world.pass_time(HOUR + NOW)

        assert until + KEPT_ONCE_BACK == notification(world, ann)["expireAt"]
        assert [until] == timers(world)


class TestTelling:
    """What the person wants by then decides whether it is pushed again."""

    def test_in_quiet_hours(self, world: World, ann: Caller):
        """They have chosen the minute themselves."""
        snooze(world, ann, later(world))
        quiet_for(world, ann, 3)

        world.pass_time(HOUR + NOW)

        assert ["Bob assigned you a task"] == pushed(world, ann)

    def test_in_quiet_hours_that_nothing_may_break(self, world: World, ann: Caller):
        """Then it is told when they are over, and by which setting says the decision."""
        snooze(world, ann, later(world))
        quiet_for(world, ann, 3, urgentPasses=False)
        world.pass_time(HOUR + NOW)
        held = decision(world, ann, "n000", "push")

        world.pass_time(2 * HOUR)

        assert ("held", "/quietHours") == (held["decision"], held["setting"][:11])
        assert ["Bob assigned you a task"] == pushed(world, ann)

    def test_its_category_is_off(self, world: World, ann: Caller):
        """It is back, unread, without a sound."""
        snooze(world, ann, later(world))
        off = {"assigned": {"push": False}}
        prefers(world, ann, matrix=off)

        world.pass_time(HOUR + NOW)

        assert BACK == badge(world, ann)
        assert [] == pushed(world, ann)
        assert "/matrix/assigned/push" == decision(world, ann, "n000", "push")["setting"]

    def test_a_comment_that_was_deleted_meanwhile(self, world: World, ann: Caller):
        """It comes back to the inbox, and is not pushed, as no push of it would be."""
        team = world.team(ann)
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()["id"]
        path = f"/workspaces/{team}/tasks/{task}"
        comment = ann.post(f"{path}/comments", {"body": "Hm"}).json()["id"]
        file(
            world,
            ann,
            1,
            first=1,
            category=Category.COMMENT,
            workspace_id=team,
            task_id=task,
            link=f"{path}/comments/{comment}",
        )
        ann.patch(f"{HOME}/n001", {"snoozedUntil": f"{later(world):%FT%TZ}"})
        ann.delete(f"{path}/comments/{comment}")

        world.pass_time(HOUR + NOW)

        assert [] == pushed(world, ann)
        assert "suppressed" == decision(world, ann, "n001", "push")["decision"]

    def test_a_push_that_waits_while_it_is_put_off(self, world: World, ann: Caller):
        """What has been seen is not pushed any more, also where it was only put off."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        bob.post(f"/workspaces/{team}/tasks", {"title": "A", "assigneeIds": [ann.uid]})
        quiet_for(world, ann, 2)
        world.settle(times=2)
        (each,) = [one for one in ann.get(HOME).json()["items"] if one["id"] != "n000"]

        ann.patch(f"{HOME}/{each['id']}", {"snoozedUntil": f"{later(world, 5 * HOUR):%FT%TZ}"})
        world.pass_time(3 * HOUR)

        assert [] == pushed(world, ann)


class TestTrouble:
    """Workers that die, jobs that are lost."""

    @pytest.mark.parametrize("at", range(1, 5))
    def test_killed_between_any_two_steps(self, world: World, ann: Caller, at: int):
        """It comes back once, and is pushed once."""
        snooze(world, ann, later(world))
        world.pass_time(timedelta(seconds=5))  # What devices are told of it has its own jobs.
        (stored,) = world.services.ports.store.find(
            Query("timers", limit=1, where=(Where("kind", "==", "snoozed"),))
        )
        world.clock.advance(HOUR + NOW)
        dying = mortal_services(world, Fate(at), MortalAtEveryCommit)

        with suppress(Killed):
            dying.firing.fire(alarm_body(timer_of(stored)))
        world.tasks.settle()  # No job is to see the clock jump.
        world.pass_time(timedelta(minutes=10))

        assert BACK == badge(world, ann)
        assert ["Bob assigned you a task"] == pushed(world, ann)
        assert [] == timers(world)

    def test_a_lost_job(self, world: World, ann: Caller):
        """The timer is the truth."""
        snooze(world, ann, later(world))
        world.pass_time(timedelta(seconds=5))  # What devices are told of it has its own jobs.
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))

        world.clock.advance(HOUR + NOW)
        world.settle()
        then = pushed(world, ann)
        world.pass_time(timedelta(minutes=10))

        assert [[], ["Bob assigned you a task"]] == [then, pushed(world, ann)]
        assert BACK == badge(world, ann)

    def test_a_doorbell_that_was_lost_with_the_one_before(self, world: World, ann: Caller):
        """Put off by the app, and further, and nobody rang: the sweep sees what was meant last."""
        mark(world, ann, "n000", {"snoozedUntil": later(world)})
        mark(world, ann, "n000", {"snoozedUntil": later(world, 2 * HOUR)})
        world.settle()

        world.pass_time(HOUR + NOW)
        then = badge(world, ann)
        world.pass_time(HOUR)

        assert [GONE, BACK] == [then, badge(world, ann)]

    @pytest.mark.parametrize("is_known", [True, False], ids=["set once", "never set"])
    def test_a_timer_that_is_not_there(self, world: World, ann: Caller, is_known: bool):
        """As in a database that was imported: the tick finds what should be back, and only that."""
        file(world, ann, 1, first=1, workspace_id=None, task_id=None)
        for each, until in (("n000", later(world)), ("n001", later(world, 5 * HOUR))):
            ann.patch(f"{HOME}/{each}", {"snoozedUntil": f"{until:%FT%TZ}"})
            world.database.document(f"timers/{snooze_timer_id(ann.uid, each)}").delete()
        if not is_known:
            world.database.document(f"users/{ann.uid}/notifications/n000").update({"wakesAt": None})
        world.clock.advance(HOUR + QUARTER)

        found = [world.services.snooze_repair.run() for _ in range(2)]
        world.settle()

        assert [1, 0] == found
        assert BACK == badge(world, ann)
        assert ["Bob assigned you a task"] == pushed(world, ann)


class TestCost:
    """What the end of a snooze asks of Firestore."""

    def test_it_is_that_of_a_notification_that_is_filed(self, world: World, ann: Caller):
        """Timer, notification and badge; the person; then both, and what is to be sent."""
        snooze(world, ann, later(world))
        (stored,) = world.services.ports.store.find(
            Query("timers", limit=1, where=(Where("kind", "==", "snoozed"),))
        )
        world.clock.advance(HOUR + NOW)

        with metered() as usage:
            world.services.firing.fire(alarm_body(timer_of(stored)))

        # Its mail too is decided anew, and waits for its time if this service sends any.
        assert (3, 5) == (usage.rpcs, usage.reads)
        assert usage.writes <= 7

    def test_looking_for_lost_ones(self, world: World, ann: Caller):
        """One read where none is late, and the late one with its timer where one is."""
        snooze(world, ann, later(world))
        costs = []
        for wait in (HOUR, QUARTER):
            world.clock.advance(wait)
            with metered() as usage:
                world.services.snooze_repair.run()
            costs.append((usage.rpcs, usage.reads, usage.writes))

        assert [(1, 1, 0), (2, 2, 0)] == costs
