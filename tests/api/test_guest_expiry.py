"""Deleting a guest, whatever happens on the way: killed, doubled, late, lost, raced."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from backend.adapters.firestore import metered
from backend.guests.model import MAX_GUEST_TASKS
from backend.guests.timers import expiry_timer_id
from backend.kit.documents import Create
from backend.kit.errors import Unavailable
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task, task_fields
from tests.api.guest import (
    Guest,
    KilledError,
    auth_user,
    dying,
    everything,
    guest,
    let_go,
    traces,
)
from tests.api.world import World

OVER = timedelta(hours=24, minutes=1)


def alarm(someone: Guest) -> dict[str, str]:
    """What the job of a guest's timer says."""
    return {"timerId": expiry_timer_id(someone.uid), "kind": "guestExpiry", "uid": someone.uid}


def fire(world: World, someone: Guest) -> None:
    """Deliver the alarm of a guest's timer, as the queue does: again where it gets a 503."""
    for _ in range(5):
        with suppress(Unavailable):
            return world.services.firing.fire(alarm(someone))
    raise AssertionError("it was never delivered")


def working_guest(world: World, name: str) -> Guest:
    """A guest who has a phone and two tasks, which have had their consequences."""
    someone = guest(world, name)
    someone.has_phone()
    for title in ("A", "B"):
        app_task(world, someone.uid, by=someone, title=title)
    world.settle()
    return someone


class TestKilled:
    """The timer goes last, so somebody always comes again."""

    def test_killed_after_any_step_it_is_finished_by_the_next(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ):
        """And the receipt counts each document once."""
        guests = [working_guest(world, f"guest{number}") for number in range(16)]
        world.clock.advance(OVER)
        deaths = 0
        for number, someone in enumerate(guests, start=1):
            with dying(world, monkeypatch, after=number):
                try:
                    fire(world, someone)
                except KilledError:
                    deaths += 1
            fire(world, someone)
            fire(world, someone)

            _, receipt = world.services.receipts.find(someone.uid)
            assert [] == traces(world.database, someone.uid)
            assert None is auth_user(world, someone.uid)
            assert world.services.receipts.is_genuine(receipt)
            assert {
                "users": 1,
                "devices": 1,
                "tasks": 2,
                "members": 1,
                "workspaces": 1,
            }.items() <= (receipt.deleted.items())

        assert 5 < deaths < len(guests)

    def test_firebase_auth_does_not_answer(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """Nothing is deleted before it is known whether the guest has linked."""
        someone = working_guest(world, "guest")
        world.clock.advance(OVER)
        with monkeypatch.context() as patched:
            patched.setattr(world.services.ports.credentials, "_url", "http://127.0.0.1:9/none")
            with pytest.raises(Unavailable):
                world.services.firing.fire(alarm(someone))

        before = len(world.documents(f"workspaces/{someone.uid}/tasks"))
        fire(world, someone)

        assert 2 == before
        assert [] == traces(world.database, someone.uid)


class TestAlarms:
    """The queue may lose, double and delay them."""

    def test_five_at_once_delete_once(self, world: World, crowd: ThreadPoolExecutor):
        """One signs the receipt; the others find nothing, or come again."""
        someone = working_guest(world, "guest")
        world.clock.advance(OVER)

        list(crowd.map(lambda _: fire(world, someone), range(5)))

        _, receipt = world.services.receipts.find(someone.uid)
        assert [] == traces(world.database, someone.uid)
        assert 2 == receipt.deleted["tasks"]

    def test_an_early_alarm_does_nothing(self, world: World):
        """The timer's document says when."""
        someone = working_guest(world, "guest")

        fire(world, someone)

        assert 200 == someone.get("/workspaces/me/tasks").status_code
        assert len(traces(world.database, someone.uid)) > 5

    def test_a_late_one_does_all(self, world: World):
        """Days after: nothing could be read meanwhile."""
        someone = working_guest(world, "guest")
        world.clock.advance(timedelta(days=40))

        hidden = someone.get("/workspaces/me/tasks").status_code
        let_go(world, someone)

        assert 404 == hidden
        assert [] == traces(world.database, someone.uid)


class TestSweep:
    """A guest whose timer was lost is found by their `expireAt`."""

    def test_a_lost_timer_is_set_again(self, world: World):
        """Nobody else's is: not a guest's whose time goes on, nor that of people who stay."""
        lost, kept = working_guest(world, "lost"), None
        world.clock.advance(timedelta(hours=2))
        kept, ann = guest(world, "kept"), world.person("Ann")
        world.database.document(f"timers/{expiry_timer_id(lost.uid)}").delete()
        world.clock.advance(timedelta(hours=23))

        found = [world.services.guest_sweep.run() for _ in range(2)]
        let_go(world, lost)

        assert [1, 0] == found
        assert [] == traces(world.database, lost.uid)
        assert 200 == kept.get("/users/me").status_code == ann.get("/users/me").status_code

    def test_it_costs_one_read_while_there_is_nobody(self, world: World):
        """However many people there are."""
        guest(world)
        world.person("Ann")

        with metered() as usage:
            world.services.guest_sweep.run()

        assert (1, 1, 0) == (usage.rpcs, usage.reads, usage.writes)

    def test_many_lost_at_once_are_all_found(self, world: World):
        """More than a page. That each is then deleted is not what this is about."""
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
        someone = guest(world)
        fields = world.document(f"users/{someone.uid}")
        copies = world.database.batch()
        for number in range(150):
            copies.create(world.database.document(f"users/g{number}"), fields)
        copies.commit()
        world.clock.advance(timedelta(hours=25))

        assert 150 == world.services.guest_sweep.run()


class TestPromotionRace:
    """Linked in time and back at the last moment."""

    def test_whoever_wins_a_linked_guest_stays(self, world: World, crowd: ThreadPoolExecutor):
        """Expiry and first call at once, many times over."""
        guests = [working_guest(world, f"guest{number}") for number in range(6)]
        people = [someone.linked(f"g{number}@example.com") for number, someone in enumerate(guests)]
        world.clock.advance(OVER)

        expiries = [crowd.submit(fire, world, someone) for someone in guests]
        calls = [crowd.submit(person.get, "/workspaces/me/tasks") for person in people]

        assert [None] * 6 == [each.result() for each in expiries]
        assert [200] * 6 == [each.result().status_code for each in calls]
        for person in people:
            assert world.document(f"users/{person.uid}")["isGuest"] is False
            assert 2 == world.document(f"users/{person.uid}")["rev"]
            assert 2 == len(world.documents(f"workspaces/{person.uid}/tasks"))
        assert [] == world.documents("receipts")

    def test_an_anonymous_token_after_linking_still_works_after_promotion(self, world: World):
        """Renewed from the old session, a token says `anonymous` for as long as that lives."""
        someone = working_guest(world, "guest")
        someone.linked().get("/users/me")
        world.pass_time(OVER)

        assert 200 == someone.get("/workspaces/me/tasks").status_code


class TestBudget:
    """Expire a guest with n documents: n reads, n deletes, and the same few besides."""

    def test_the_slope(self, world: World):
        """Cost grows with what the guest has, not with what is stored."""
        ann, costs = world.person("Ann"), []
        for count in (20, 120, 320):
            someone = guest(world, f"guest{count}")
            for owner in (someone, ann):
                fields = task_fields(world, by=owner)
                tasks = f"workspaces/{owner.uid}/tasks"
                writes = [Create(f"{tasks}/{count}-{each}", fields) for each in range(count)]
                assert world.services.ports.store.attempt(writes)
            world.clock.advance(OVER)
            with metered() as usage:
                fire(world, someone)
            costs.append((usage.reads - count, usage.writes - count))

        # Of reads: the fixed looks into each place. Of writes: account, receipt, timer, counts.
        assert 1 == len(set(costs)), costs
        assert costs[0][0] < 50
        assert costs[0][1] < 20
        assert 460 == len(world.documents(f"workspaces/{ann.uid}/tasks"))

    def test_the_largest_guest_fits_into_a_job(self, world: World):
        """With all a guest may have, in one go."""
        someone = guest(world)
        fields = task_fields(world, by=someone)
        for part in range(2):
            tasks = f"workspaces/{someone.uid}/tasks/{part}"
            half = MAX_GUEST_TASKS // 2
            writes = [Create(f"{tasks}-{number}", fields) for number in range(half)]
            assert world.services.ports.store.attempt(writes)
        world.clock.advance(OVER)

        fire(world, someone)

        assert {"receipts"} == {path.split("/")[0] for path in everything(world.database)}
