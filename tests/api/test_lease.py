"""The lease in real time: how long somebody else waits, and a heart that goes on beating."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.adapters.firestore import Store, metered
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.lease import RENEWED_AFTER, Lease
from backend.kit.clock import SystemClock
from backend.kit.documents import Fields, Stored
from backend.kit.errors import Unavailable
from tests.api.world import World

TTL_S = 2.0


@pytest.fixture
def store(world: World) -> Store:
    return world.services.ports.store


def lease_of(store: Store, holder: str) -> Lease:
    return Lease(store, SystemClock(), name="test", holder=holder, ttl_s=TTL_S)


class TestWaiting:
    """`hold` says when to come again."""

    def test_a_contender_that_comes_late_takes_over_at_once(self, store: Store):
        """Firestore says for how long nobody has renewed it: there is nothing to watch for."""
        lease_of(store, "first").hold()
        time.sleep(TTL_S * 1.1)
        late = lease_of(store, "late")
        late.hold()

        assert 2 == late.fence

    def test_a_contender_comes_again_as_it_runs_out(self, store: Store):
        """And takes it then, if its holder was silent; it reads it twice in all."""
        lease_of(store, "first").hold()
        second = lease_of(store, "second")
        with metered() as usage:
            wait_s = second.hold()
            before = second.fence
            time.sleep(wait_s)
            second.hold()

        assert (None, 2) == (before, second.fence)
        assert wait_s < TTL_S * 1.5
        assert (2, 1) == (usage.reads, usage.writes)

    def test_the_holder_comes_again_in_time_for_a_second_attempt(self, store: Store):
        """One renewal that fails must lose nothing."""
        holder = lease_of(store, "holder")

        assert [TTL_S * RENEWED_AFTER] * 2 == [holder.hold(), holder.hold()]

    def test_whoever_loses_the_race_waits(self, store: Store, crowd: ThreadPoolExecutor):
        """The winner is alive, so that a whole time to live must pass."""
        leases = [lease_of(store, f"holder{number}") for number in range(6)]

        waits = list(crowd.map(Lease.hold, leases))

        assert 1 == sum(lease.fence is not None for lease in leases)
        assert 5 == sum(wait_s > TTL_S * RENEWED_AFTER for wait_s in waits)


class TestLostAnswers:
    """A write that took place although nobody said so."""

    def test_a_holder_recovers_its_lease_under_a_new_number(self, world: World):
        """It need not wait until what it holds itself has run out."""
        store = Deaf(world.project_id, world.clock, emulated=True)
        holder = Lease(store, SystemClock(), name="test", holder="me", ttl_s=TTL_S)
        holder.hold()
        store.deaf = True
        with pytest.raises(Unavailable):
            holder.hold()
        store.deaf = False

        holder.hold()

        assert 2 == holder.fence


class TestHeartbeat:
    """The thread that holds it."""

    @pytest.fixture
    def beating(self, store: Store) -> Iterator[Callable[..., Heartbeat]]:
        """Starts heartbeats, which end with the test."""
        hearts = []

        def begin(lease: Lease, **options: Callable[..., None]) -> Heartbeat:
            calls = {"taken": lambda: None, "broke": lambda _: None, **options}
            hearts.append(Heartbeat(lease, **calls))
            hearts[-1].start()
            return hearts[-1]

        yield begin
        for heart in hearts:
            heart.stop()

    def test_it_holds_the_lease_for_longer_than_it_lives(
        self, store: Store, beating: Callable[..., Heartbeat]
    ):
        """Without a gap in which another could take it."""
        taken, broken = [], []
        lease, other = lease_of(store, "first"), lease_of(store, "other")
        beating(lease, taken=lambda: taken.append(lease.fence), broke=broken.append)
        until(lambda: taken)
        ends_at = time.monotonic() + 2 * TTL_S
        while time.monotonic() < ends_at:
            other.hold()
            time.sleep(0.1)

        assert ([1], [], 1, None) == (taken, broken, lease.fence, other.fence)

    def test_it_goes_on_after_what_nobody_foresaw(
        self, store: Store, beating: Callable[..., Heartbeat]
    ):
        """Told to whoever keeps errors; a heart that stopped would stop all ticks."""
        told: list[Exception] = []
        lease = lease_of(store, "first")

        def taken() -> None:
            raise RuntimeError("of whoever is told")

        beating(lease, taken=taken, broke=told.append)
        until(lambda: told)
        time.sleep(1.5 * TTL_S)

        assert ["of whoever is told"] == [str(error) for error in told]
        assert 1 == lease.fence

    def test_stopped_it_gives_the_lease_back(self, store: Store, beating: Callable[..., Heartbeat]):
        """So another takes it at once."""
        taken, second = threading.Event(), lease_of(store, "second")
        heart = beating(lease_of(store, "first"), taken=taken.set)
        assert taken.wait(30)
        second.hold()
        before = second.fence
        heart.stop()
        second.hold()

        assert (None, 2) == (before, second.fence)


class Deaf(Store):
    """The store, whose writes take place without it hearing of it."""

    deaf = False

    def swap(self, path: str, fields: Fields, *, seen: Stored | None) -> Stored | None:
        written = super().swap(path, fields, seen=seen)
        if self.deaf:
            raise Unavailable("The answer was lost.")
        return written


def until(check: Callable[[], object]) -> None:
    """Wait for something that must come."""
    give_up_at = time.monotonic() + 30
    while not check():
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(0.02)
