"""A broadcast under way: its pace, its pauses and ends, and workers that die in the middle."""

from collections import Counter
from datetime import timedelta

import pytest

from backend.adapters.firestore import metered
from backend.bootstrap import Services
from backend.broadcasts.telling import AT_ONCE
from backend.kit.ids import derived_id
from backend.operations.model import KEPT_FOR
from local.cloudtasks import Fault, FaultKind
from tests.api.broadcasting import (
    PATH,
    TEXTS,
    an_admin,
    broadcast,
    crowd_of,
    fire,
    shown,
    titles,
    told,
)
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World, cost_of

MINUTE = timedelta(minutes=1)
PEOPLE = 2 * AT_ONCE + 10
FAST = 60_000


@pytest.fixture
def ada(world: World) -> Caller:
    return an_admin(world)


@pytest.fixture
def unqueued(world: World) -> None:
    """Jobs get lost: the test does the work itself."""
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))


def segment(uids: list[str]) -> dict[str, list[str]]:
    return {"audience": uids}


class TestPace:
    """`perMinute`."""

    def test_no_more_are_told_in_a_minute(self, world: World, ada: Caller):
        """A page at once, and the next one when its minute has come."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        counts = []
        for _ in range(3):
            world.settle()
            counts.append(shown(ada, broadcast_id)["told"])
            world.pass_time(MINUTE)

        assert [AT_ONCE, 2 * AT_ONCE, PEOPLE] == counts

    @pytest.mark.parametrize(
        ("per_minute", "in_the_first"), [(1, [1, 1]), (4, [4, 4]), (60, [30, 60])]
    )
    def test_a_slow_one_does_not_begin_with_a_crowd(
        self, world: World, ada: Caller, per_minute: int, in_the_first: list[int]
    ):
        """Nor does one that is a little faster than a page a minute: by the second and the last."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=per_minute)
        counts = []
        for wait in (timedelta(0), timedelta(seconds=58)):
            world.pass_time(wait)
            world.settle()
            counts.append(shown(ada, broadcast_id)["told"])

        assert in_the_first == counts

    def test_a_pause_is_no_way_around_it(self, world: World, ada: Caller):
        """Resumed at once, it goes on when the next were due."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        world.settle()
        ada.post(f"{PATH}/{broadcast_id}/pause")
        ada.delete(f"{PATH}/{broadcast_id}/pause")
        world.settle()

        assert AT_ONCE == shown(ada, broadcast_id)["told"]
        world.pass_time(MINUTE)
        assert 2 * AT_ONCE == shown(ada, broadcast_id)["told"]

    def test_what_takes_longer_than_an_operation_is_kept_goes_on(self, world: World, ada: Caller):
        """Each step prolongs its operation, which else would end after a week."""
        uids = crowd_of(world, 3)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=1)
        world.settle()
        path, tomorrow = f"operations/{broadcast_id}", world.clock.now() + timedelta(days=1)
        world.database.document(path).update({"expireAt": tomorrow})  # As if six days had passed.

        world.pass_time(MINUTE)
        ends_at = (world.document(path) or {})["expireAt"]
        world.pass_time(MINUTE)

        assert world.clock.now() - MINUTE + KEPT_FOR == ends_at
        assert 3 == shown(ada, broadcast_id)["told"]


class TestStopping:
    """`/pause` and `:cancel`."""

    def test_paused_it_tells_nobody_and_resumed_the_rest(self, world: World, ada: Caller):
        """Everybody once in the end; a second pause, and a second resumption, change nothing."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        world.settle()
        path = f"{PATH}/{broadcast_id}/pause"
        paused = [ada.post(path).json() for _ in range(2)]
        world.pass_time(timedelta(hours=3))
        between = shown(ada, broadcast_id)
        resumed = [ada.delete(path).json() for _ in range(2)]
        for _ in range(3):
            world.pass_time(MINUTE)

        assert ("paused", AT_ONCE) == (between["state"], between["told"])
        assert (paused[0], resumed[0]) == (paused[1], resumed[1])
        assert dict.fromkeys(uids, 1) == told(world, uids)

    def test_a_worker_in_the_middle_of_a_page_tells_nobody_after_a_pause(
        self, world: World, ada: Caller, unqueued: None
    ):
        """Its commit finds the broadcast changed."""
        uids = crowd_of(world, 5)
        broadcast_id = broadcast(ada, segment=segment(uids))
        services = mortal_services(world, Fate(0), MortalAtEveryCommit)
        store = services.ports.store
        commit = store._commit

        def paused_before(writes):
            ada.post(f"{PATH}/{broadcast_id}/pause")
            return commit(writes)

        store._commit = paused_before
        fire(world, services, broadcast_id)

        assert dict.fromkeys(uids, 0) == told(world, uids)
        assert ("paused", 0) == tuple(shown(ada, broadcast_id)[name] for name in ("state", "told"))

    def test_paused_for_a_week_it_is_called_off(self, world: World, ada: Caller):
        """Nobody is told last week's news; and it cannot be resumed."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        world.settle()
        ada.post(f"{PATH}/{broadcast_id}/pause")

        world.pass_time(timedelta(days=8))

        assert "cancelled" == shown(ada, broadcast_id)["state"]
        assert 409 == ada.delete(f"{PATH}/{broadcast_id}/pause").status_code

    def test_called_off_it_stops(self, world: World, ada: Caller):
        """For good: who was told stays told, and the operation says so too."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        world.settle()

        answers = [ada.post(f"{PATH}/{broadcast_id}:cancel").json() for _ in range(2)]
        world.pass_time(timedelta(hours=1))

        assert ("cancelled", answers[0]) == (answers[0]["state"], answers[1])
        assert AT_ONCE == sum(told(world, uids).values())
        assert "cancelled" == ada.get(f"/operations/{broadcast_id}").json()["state"]
        for act in (ada.post, ada.delete):
            assert 409 == act(f"{PATH}/{broadcast_id}/pause").status_code

    def test_once_all_are_told_there_is_nothing_to_call_off(self, world: World, ada: Caller):
        """What became of it is still counted."""
        uids = crowd_of(world, 3)
        broadcast_id = broadcast(ada, segment=segment(uids))
        world.settle()
        before = shown(ada, broadcast_id)["state"]

        answer = ada.post(f"{PATH}/{broadcast_id}:cancel")
        world.pass_time(timedelta(hours=1))

        assert ("counting", 409) == (before, answer.status_code)
        after = shown(ada, broadcast_id)
        assert ("done", {"sent": 3}) == (after["state"], after["outcomes"]["inbox"])

    def test_called_off_as_an_operation_it_ends_too(self, world: World, ada: Caller):
        """By whoever began it, who need not know that it is a broadcast."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        world.settle()

        assert ada.post(f"/operations/{broadcast_id}:cancel").ok
        world.pass_time(timedelta(hours=1))

        assert ("cancelled", AT_ONCE) == tuple(
            shown(ada, broadcast_id)[name] for name in ("state", "told")
        )

    def test_another_admin_may_stop_it(self, world: World, ada: Caller):
        """It is the platform's, not its beginner's."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=AT_ONCE)
        eve = an_admin(world, "Eve")

        assert "paused" == eve.post(f"{PATH}/{broadcast_id}/pause").json()["state"]
        assert "cancelled" == eve.post(f"{PATH}/{broadcast_id}:cancel").json()["state"]
        acts = Counter(
            (each["actorUid"], each["details"]["act"])
            for each in world.documents("audit")
            if each["action"] == "broadcast.kept"
        )
        assert {(ada.uid, "begun"): 1, (eve.uid, "paused"): 1, (eve.uid, "cancelled"): 1} == acts


class TestOnce:
    """Whatever stops on the way."""

    @pytest.mark.parametrize("at", range(1, 9))
    def test_killed_at_any_commit(self, world: World, ada: Caller, unqueued: None, at: int):
        """Before it or behind it: each is told once, and it is counted so."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=FAST)
        mortal = mortal_services(world, Fate(at), MortalAtEveryCommit)
        with pytest.raises(Killed):
            told_and_counted(world, mortal, broadcast_id)

        told_and_counted(world, world.services, broadcast_id)
        found = shown(ada, broadcast_id)

        assert dict.fromkeys(uids, 1) == told(world, uids)
        assert ("done", PEOPLE) == (found["state"], found["told"])
        assert {"sent": PEOPLE} == found["outcomes"]["inbox"]

    def test_several_workers_at_once(self, world: World, ada: Caller, unqueued: None, crowd):
        """Of two that tell the same page one loses the race, and looks again."""
        uids = crowd_of(world, PEOPLE)
        broadcast_id = broadcast(ada, segment=segment(uids), perMinute=FAST)

        list(crowd.map(lambda _: fire(world, world.services, broadcast_id), range(4)))

        assert dict.fromkeys(uids, 1) == told(world, uids)
        assert PEOPLE == shown(ada, broadcast_id)["told"]

    def test_its_job_is_lost(self, world: World, ada: Caller):
        """The repair tick finds its timer late."""
        uids = crowd_of(world, 3)
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
        broadcast(ada, segment=segment(uids))
        world.settle()
        assert dict.fromkeys(uids, 0) == told(world, uids)

        world.pass_time(timedelta(hours=1))

        assert dict.fromkeys(uids, 1) == told(world, uids)

    def test_its_timer_is_lost(self, world: World, ada: Caller):
        """The tick finds a broadcast that nobody works at, and only such a one."""
        uids = crowd_of(world, PEOPLE)
        lost, paused = (broadcast(ada, segment=segment(uids), perMinute=AT_ONCE) for _ in range(2))
        world.settle()
        ada.post(f"{PATH}/{paused}/pause")
        world.database.document(f"timers/{derived_id('operation', lost)}").delete()
        repair = world.services.broadcast_repair

        mended = [repair.run(), repair.run()]
        world.pass_time(MINUTE)

        assert [1, 0] == mended
        assert [2 * AT_ONCE, AT_ONCE] == [shown(ada, each)["told"] for each in (lost, paused)]

    def test_its_operation_is_gone(self, world: World, ada: Caller):
        """Then it is called off: nobody could ever go on with it."""
        broadcast_id = broadcast(ada, segment=segment(crowd_of(world, PEOPLE)), perMinute=1)
        world.settle()
        world.database.document(f"operations/{broadcast_id}").delete()

        assert 1 == world.services.broadcast_repair.run()
        assert "cancelled" == shown(ada, broadcast_id)["state"]

    def test_who_deletes_it_is_not_told_again(self, world: World, ada: Caller):
        """A device that is seen meanwhile meets its person twice."""
        bob = world.person("Bob")
        bob.has_phone()
        for _ in range(2):
            broadcast_id = broadcast(ada, segment={"platform": "android"})
            world.settle()
            (notice,) = (each.id for each in _notices(world, bob))
            world.database.document(f"users/{bob.uid}/notifications/{notice}").delete()
            world.database.document(f"operations/{broadcast_id}").update({"cursor": {}})
            world.database.document(f"broadcasts/{broadcast_id}").update({"state": "running"})
            fire(world, world.services, broadcast_id)

        assert [] == titles(world, bob)


def told_and_counted(world: World, services: Services, broadcast_id: str) -> None:
    """All are told, and a while later it is counted what became of it."""
    for _ in range(2):
        fire(world, services, broadcast_id)
        world.clock.advance(timedelta(minutes=16))


class TestCost:
    """Round trips and documents."""

    def test_beginning_one(self, world: World, ada: Caller):
        """The caller, a count; and the broadcast, its operation, two timers, the audit's entry."""
        answer = ada.post(PATH, {"texts": TEXTS})

        assert (3, 2, 5) == cost_of(answer)

    def test_looking_after_them(self, world: World, ada: Caller):
        """One read while none is under way; else one each, and its operation and timer."""
        costs = []
        for _ in range(2):
            with metered() as usage:
                world.services.broadcast_repair.run()
            costs.append((usage.rpcs, usage.reads, usage.writes))
            broadcast(ada, segment=segment(crowd_of(world, PEOPLE)), perMinute=1)
            world.settle()

        assert [(1, 1, 0), (2, 3, 0)] == costs

    def test_a_page_of_people(self, world: World, ada: Caller, unqueued: None):
        """Four reads a person, and what telling them writes; six round trips however many."""
        uids = crowd_of(world, AT_ONCE)
        fire(world, world.services, broadcast(ada, segment=segment(uids[:1])))  # The template.
        costs = []
        for count in (AT_ONCE // 3, AT_ONCE):
            broadcast_id = broadcast(ada, segment=segment(uids[:count]), perMinute=FAST)
            with metered() as usage:
                fire(world, world.services, broadcast_id)
            costs.append((usage.rpcs, usage.reads, usage.writes))
        (rpcs, reads, writes), (more_rpcs, more_reads, more_writes) = costs
        more = AT_ONCE - AT_ONCE // 3

        assert (6, 6) == (rpcs, more_rpcs)
        assert (4 * more, 7 * more) == (more_reads - reads, more_writes - writes)


def _notices(world: World, person: Caller):
    return world.database.collection(f"users/{person.uid}/notifications").stream()
