"""What was decided and would never be carried out is found, and finished."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.adapters.firestore import metered
from backend.bootstrap.ticks import TICKS, Turn
from backend.deliveries.healing import LATE_BY
from backend.deliveries.repository import PAGE
from backend.notifications.deciding import MAILED_AFTER
from local.cloudtasks import Fault, FaultKind
from tests.api.broadcasting import an_admin, broadcast, crowd_of, named
from tests.api.commenting import new_task, say
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.noticing import has_mail
from tests.api.wishes import decision, ids, prefers, quiet_for
from tests.api.world import Caller, World

LATER = LATE_BY + timedelta(minutes=1)


@pytest.fixture
def ada(world: World) -> Caller:
    return an_admin(world)


@pytest.fixture
def bob(world: World) -> Caller:
    bob = world.person("Bob")
    bob.has_phone()
    return bob


@pytest.fixture
def unqueued(world: World) -> None:
    """The jobs of pushes, mails and releases get lost."""
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))


def told(world: World, ada: Caller, *people: Caller) -> None:
    """These people are told something: decided it is, and nobody has sent it yet."""
    broadcast_id = broadcast(ada, segment=named(*people), channels=["push"])
    fire_all(world, "operation", broadcast_id)


def fire_all(world: World, kind: str, operation_id: str | None = None) -> None:
    """Fire the timers of a kind, as their jobs would."""
    for snapshot in [*world.database.collection("timers").stream()]:
        timer = snapshot.to_dict()
        if timer["kind"] == kind and operation_id in (None, timer["subject"].get("operationId")):
            body = {**timer["subject"], "timerId": snapshot.id, "kind": kind}
            world.services.firing.fire(body)


def lose(world: World, kind: str) -> int:
    """Delete the timers of a kind, past all that is to keep them; return how many there were."""
    found = [
        each for each in world.database.collection("timers").stream() if each.get("kind") == kind
    ]
    for each in found:
        each.reference.delete()
    return len(found)


def push_of(world: World, person: Caller) -> dict[str, Any]:
    return decision(world, person, ids(world, person)[-1], "push")


def stuck_age_s(world: World) -> float:
    families = text_string_to_metric_families(world.services.ports.metrics.text())
    (age_s,) = (
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "taskflow_delivery_oldest_stuck_age_seconds"
    )
    return age_s


class TestDecidedButNotSent:
    """A pending decision that no timer goes on with."""

    def test_it_is_sent(self, world: World, ada: Caller, bob: Caller, unqueued: None):
        """Once; and its age was seen."""
        told(world, ada, bob)
        assert 1 == lose(world, "push")
        world.clock.advance(LATER)

        healed = world.services.delivery_healing.run()
        age_s = stuck_age_s(world)
        fire_all(world, "push")

        assert (1, LATER.total_seconds()) == (healed, age_s)
        assert "sent" == push_of(world, bob)["decision"]
        assert 1 == len(world.fcm.tray(f"token-of-{bob.uid}"))
        assert 0 == world.services.delivery_healing.run()
        assert 0.0 == stuck_age_s(world)

    def test_the_tick_does_it(self, world: World, ada: Caller, bob: Caller):
        """Whoever ticks: Cloud Scheduler calls the same."""
        # Of the broadcast, and of its push.
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=2))
        told(world, ada, bob)
        lose(world, "push")
        world.tasks.settle()
        world.clock.advance(LATER)

        found = TICKS["deliveries"].run(world.services, Turn(fence=None, number=1))
        world.tasks.settle()

        assert (1, "sent") == (found, push_of(world, bob)["decision"])

    def test_what_has_a_timer_is_left_alone(
        self, world: World, ada: Caller, bob: Caller, unqueued: None
    ):
        """Late or not: repairing timers is another's."""
        told(world, ada, bob)
        world.clock.advance(LATER)
        before = push_of(world, bob)

        assert 0 == world.services.delivery_healing.run()
        assert before == push_of(world, bob)

    def test_what_is_new_is_left_alone(
        self, world: World, ada: Caller, bob: Caller, unqueued: None
    ):
        """Somebody may just be at it."""
        told(world, ada, bob)
        lose(world, "push")
        world.clock.advance(LATE_BY - timedelta(seconds=1))

        assert 0 == world.services.delivery_healing.run()

    def test_a_mail_is_found_too(self, world: World, ada: Caller, unqueued: None):
        """By its own timer."""
        bob = world.person("Bea", email="bea@example.com")
        prefers(world, bob, matrix={"announcement": {"email": True}})
        broadcast_id = broadcast(ada, segment=named(bob), channels=["email"])
        fire_all(world, "operation", broadcast_id)
        assert 1 == lose(world, "noticeMail")
        world.clock.advance(MAILED_AFTER + LATER)

        assert 1 == world.services.delivery_healing.run()
        (timer,) = [each for each in world.documents("timers") if each["kind"] == "noticeMail"]
        assert {"uid": bob.uid, "notificationId": ids(world, bob)[0]} == timer["subject"]

    def test_a_mail_of_a_comment_that_was_deleted_meanwhile(self, world: World, unqueued: None):
        """It is not mailed: what a delivery looks at before it goes out is set with it."""
        ann, bob = world.person("Ann"), world.person("Bob")
        has_mail(world, bob)
        task = new_task(ann, world.team(ann, bob))
        comment = say(ann, task, "What a mess", bob)
        world.settle(times=2)
        fire_all(world, "notify")
        fire_all(world, "push")  # To nobody: there is no device.
        lose(world, "noticeMail")
        ann.delete(comment)
        world.clock.advance(MAILED_AFTER + LATER)

        world.services.delivery_healing.run()
        fire_all(world, "noticeMail")

        assert [] == world.mails("bob@example.com")
        assert "takenBack" == decision(world, bob, ids(world, bob)[0], "email")["reason"]

    def test_what_is_left_of_a_deleted_notification_goes(
        self, world: World, ada: Caller, bob: Caller, unqueued: None
    ):
        """There is nothing to send any more."""
        told(world, ada, bob)
        lose(world, "push")
        (only,) = ids(world, bob)
        world.database.document(f"users/{bob.uid}/notifications/{only}").delete()
        world.clock.advance(LATER)

        assert 1 == world.services.delivery_healing.run()
        assert {} == decision(world, bob, only, "push")
        assert 0 == world.services.delivery_healing.run()


class TestGivenUp:
    """A timer that can never be fired."""

    def test_its_delivery_has_failed(self, world: World, ada: Caller, bob: Caller, unqueued: None):
        """Staff see it, and may try it anew; the timer goes."""
        told(world, ada, bob)
        (timer,) = [
            each
            for each in world.database.collection("timers").stream()
            if each.get("kind") == "push"
        ]
        timer.reference.update({"state": "failed", "problem": "data-loss"})
        world.clock.advance(LATER)

        assert 1 == world.services.delivery_healing.run()
        (found,) = ada.get("/admin/deliveries").json()["items"]

        assert (bob.uid, "push", "givenUp") == (found["uid"], found["channel"], found["reason"])
        assert not timer.reference.get().exists
        ref = {name: found[name] for name in ("uid", "notificationId", "channel")}
        ada.post("/admin/deliveries:redrive", {"deliveries": [ref]})
        fire_all(world, "push")
        assert "sent" == push_of(world, bob)["decision"]


class TestHeld:
    """What waits for the end of quiet hours."""

    @pytest.mark.parametrize("forgets", [False, True], ids=["the timer", "the list too"])
    def test_a_lost_release_is_made_up_for(
        self, world: World, ada: Caller, bob: Caller, unqueued: None, forgets: bool
    ):
        """All of it together, as one push; it is late from the end of the quiet on."""
        until = quiet_for(world, bob, 1)
        for _ in range(3):
            told(world, ada, bob)
        assert 1 == lose(world, "release")
        if forgets:
            for each in world.database.collection("shadows").stream():
                if "waiting" in each.to_dict():
                    each.reference.delete()
        world.clock.advance(until - world.clock.now() + LATER)

        healed = world.services.delivery_healing.run()
        fire_all(world, "release")
        fire_all(world, "push")

        assert (3, LATER.total_seconds()) == (healed, stuck_age_s(world))
        assert ["merged", "merged", "sent"] == sorted(
            decision(world, bob, each, "push")["decision"] for each in ids(world, bob)
        )
        assert 1 == len(world.fcm.tray(f"token-of-{bob.uid}"))

    def test_while_it_is_quiet_nothing_is_late(
        self, world: World, ada: Caller, bob: Caller, unqueued: None
    ):
        """However long ago it was decided."""
        quiet_for(world, bob, 10)
        told(world, ada, bob)
        lose(world, "release")
        world.clock.advance(timedelta(hours=9))

        assert 0 == world.services.delivery_healing.run()


class TestTrouble:
    """The tick itself dies, or runs twice."""

    @pytest.mark.parametrize("at", [1, 2, 3, 4])
    def test_it_is_killed(self, world: World, ada: Caller, bob: Caller, unqueued: None, at: int):
        """Between any two commits: the next one goes on, and nothing is sent twice."""
        eve = world.person("Eve")
        eve.has_phone()
        told(world, ada, bob, eve)
        lose(world, "push")
        world.clock.advance(LATER)
        with pytest.raises(Killed):
            mortal_services(world, Fate(at), MortalAtEveryCommit).delivery_healing.run()

        world.services.delivery_healing.run()
        fire_all(world, "push")

        for person in (bob, eve):
            assert ("sent", 1) == (
                push_of(world, person)["decision"],
                len(world.fcm.messages(f"token-of-{person.uid}")),
            )

    def test_several_at_once(self, world: World, ada: Caller, bob: Caller, unqueued: None, crowd):
        """Each delivery is healed by one of them."""
        told(world, ada, bob)
        lose(world, "push")
        world.clock.advance(LATER)

        healed = [*crowd.map(lambda _: world.services.delivery_healing.run(), range(4))]

        assert 1 == sum(healed)

    def test_one_that_nobody_can_read_keeps_no_other_waiting(
        self, world: World, ada: Caller, bob: Caller, unqueued: None
    ):
        """It is logged, and passed over."""
        told(world, ada, bob)
        lose(world, "push")
        odd = {"decision": "pending", "at": world.clock.now() - timedelta(days=1), "until": None}
        world.write(f"users/{bob.uid}/notifications/odd/decisions/push", odd)
        world.clock.advance(LATER)

        assert 1 == world.services.delivery_healing.run()


class TestMany:
    """More than one page of them."""

    def test_all_are_found(self, world: World):
        """Whoever they are of; each page goes on behind the one before."""
        at, batch = world.clock.now() - 2 * LATER, world.database.batch()
        pending = {"decision": "pending", "reason": "default", "attempts": 0, "devices": {}}
        pending |= {"until": None}
        for number in range(PAGE + 5):
            path = f"users/one-{number}/notifications/n/decisions/push"
            batch.set(world.database.document(path), {**pending, "at": at})
        batch.commit()

        # Their notifications are gone, so they go.
        assert PAGE + 5 == world.services.delivery_healing.run()
        assert [] == [*world.database.collection_group("decisions").limit(1).stream()]


class TestCost:
    """What is fine costs little."""

    def test_where_nothing_waits(self, world: World):
        """A read for each of three queries."""
        with metered() as usage:
            world.services.delivery_healing.run()

        assert (3, 3, 0) == (usage.rpcs, usage.reads, usage.writes)

    def test_what_waits_long_is_read_with_its_timer(
        self, world: World, ada: Caller, unqueued: None
    ):
        """Two reads each, in four round trips for up to 200 of them."""
        uids = crowd_of(world, 40)
        broadcast_id = broadcast(ada, segment={"audience": uids}, channels=["push"])
        fire_all(world, "operation", broadcast_id)
        world.clock.advance(LATER)

        with metered() as usage:
            world.services.delivery_healing.run()

        assert (4, 2 * 40 + 2, 0) == (usage.rpcs, usage.reads, usage.writes)

    def test_mails_that_wait_for_the_morning_cost_nothing(
        self, world: World, ada: Caller, unqueued: None
    ):
        """All night long, each time the tick comes round."""
        bea = world.person("Bea", email="bea@example.com")
        quiet_for(world, bea, 10, matrix={"announcement": {"email": True}})
        fire_all(world, "operation", broadcast(ada, segment=named(bea), channels=["email"]))
        world.clock.advance(timedelta(hours=9))

        with metered() as usage:
            world.services.delivery_healing.run()

        assert "pending" == decision(world, bea, ids(world, bea)[0], "email")["decision"]
        assert (3, 3, 0) == (usage.rpcs, usage.reads, usage.writes)
