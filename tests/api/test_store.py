"""The store on the real emulator: races, lost answers, silence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from socket import socket

import pytest
from google.api_core import exceptions as gcp
from google.cloud.firestore import WriteBatch
from pytest_mock import MockerFixture

from backend.adapters.firestore import Store, metered
from backend.jobs.lease import Lease
from backend.kit.documents import Adjust, Change, Create, Increment, Query, Remove, Where, Write
from backend.kit.errors import Aborted, Unavailable
from tests.api.world import World
from tests.clock import VirtualClock


@pytest.fixture
def store(world: World) -> Store:
    return world.services.ports.store


class TestCommit:
    """`Store.commit` and its preconditions."""

    def test_no_edit_of_many_writers_is_lost(self, store: Store, crowd: ThreadPoolExecutor):
        """Eight writers, ten edits each, of one document."""
        store.attempt([Create("things/one", {"edits": 0})])

        def edit_ten_times(_writer: int) -> None:
            for _ in range(10):
                store.commit(_one_more)

        def _one_more() -> tuple[None, list[Write]]:
            thing = store.get("things/one")
            return None, [Change(thing, {"edits": thing.fields["edits"] + 1})]

        list(crowd.map(edit_ten_times, range(8)))

        assert 80 == store.get("things/one").fields["edits"]

    def test_one_of_many_creators_wins(self, store: Store, crowd: ThreadPoolExecutor):
        """The others are told."""
        won = list(crowd.map(lambda n: store.attempt([Create("things/one", {"by": n})]), range(16)))

        assert 1 == won.count(True)
        assert won.index(True) == store.get("things/one").fields["by"]

    def test_a_creation_whose_answer_was_lost_is_done(self, store: Store):
        """Repeated under its own random id, it finds itself there and changes nothing."""
        store.create([Create("things/one", {"n": 1})])

        store.create([Create("things/one", {"n": 2})])

        assert 1 == store.get("things/one").fields["n"]

    def test_a_contended_creation_is_tried_again(self, store: Store, mocker: MockerFixture):
        """Firestore may refuse it for contention; that is no success."""
        refused = mocker.patch.object(
            WriteBatch, "commit", autospec=True, side_effect=_first_aborts(WriteBatch.commit)
        )

        store.create([Create("things/one", {"n": 1})])

        assert 2 == refused.call_count
        assert 1 == store.get("things/one").fields["n"]

    def test_all_is_written_or_nothing(self, store: Store):
        """One failed precondition refuses the batch."""
        store.attempt([Create("things/one", {})])

        done = store.attempt([Create("things/two", {}), Create("things/one", {})])

        assert not done
        assert None is store.get("things/two")

    def test_it_gives_up_on_a_hopeless_race(self, store: Store):
        """A plan that creates what is there loses every time."""
        store.attempt([Create("things/one", {})])

        with pytest.raises(Aborted):
            store.commit(lambda: (None, [Create("things/one", {})]))

    def test_a_document_seen_before_a_change_cannot_be_removed(self, store: Store):
        """Removal has a precondition as well."""
        store.attempt([Create("things/one", {"n": 1})])
        seen = store.get("things/one")
        store.attempt([Adjust("things/one", {"n": Increment(1)})])

        assert not store.attempt([Remove(seen)])
        assert 2 == store.get("things/one").fields["n"]


class TestQueries:
    """`Store.find`"""

    def test_pages_follow_each_other_among_equals(self, store: Store):
        """Documents of one instant are told apart by their paths."""
        for number in range(5):
            store.attempt([Create(f"things/{number}", {"at": 1, "kind": "a"})])
        store.attempt([Create("things/other", {"at": 1, "kind": "b"})])
        seen, after = [], None
        while found := store.find(
            Query("things", 2, (Where("kind", "==", "a"),), ("-at",), after=after)
        ):
            seen += [stored.id for stored in found]
            after = (found[-1].fields["at"], found[-1].path)

        assert ["4", "3", "2", "1", "0"] == seen

    def test_an_empty_answer_is_billed(self, store: Store):
        """As Firestore bills it."""
        with metered() as usage:
            store.find(Query("nothing", 5))

        assert (1, 1, 0) == (usage.rpcs, usage.reads, usage.writes)


class TestSilence:
    """A Firestore that does not answer."""

    def test_a_closed_port_is_told_within_seconds(self, monkeypatch: pytest.MonkeyPatch):
        """The SDK's own retries would go on for a minute and more."""
        with socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{nobody.getsockname()[1]}")
        clock = VirtualClock()
        store = Store("demo-nobody", clock, emulated=True)
        began = clock.monotonic()

        with pytest.raises(Unavailable):
            store.get("things/one")

        assert clock.monotonic() - began < 30


class TestLease:
    """Who may tick."""

    def test_one_of_many_contenders_holds_it(self, store: Store, crowd: ThreadPoolExecutor):
        """Taken at once where nobody holds it."""
        leases = [_lease(store, VirtualClock(), f"holder-{n}") for n in range(8)]

        list(crowd.map(Lease.hold, leases))

        assert 1 == len([lease for lease in leases if lease.fence is not None])

    def test_a_silent_holder_is_replaced_with_a_higher_fence(self, store: Store):
        """After the contender has watched it stand still for the whole time to live."""
        clock = VirtualClock()
        first, second = _lease(store, clock, "first"), _lease(store, clock, "second")
        first.hold()

        second.hold()
        too_early = second.fence
        clock.advance(timedelta(seconds=11))
        second.hold()
        first.hold()

        assert (None, 2) == (too_early, second.fence)
        assert None is first.fence

    def test_a_holder_that_slept_knows_it_may_have_lost(self, store: Store):
        """Even before it hears of another."""
        clock = VirtualClock()
        lease = _lease(store, clock, "sleeper")
        lease.hold()

        before = lease.fence
        clock.advance(timedelta(seconds=10))

        assert (1, None) == (before, lease.fence)

    def test_renewing_keeps_it(self, store: Store):
        """A contender sees it move, however long it watches."""
        clock = VirtualClock()
        first, second = _lease(store, clock, "first"), _lease(store, clock, "second")
        first.hold()
        for _ in range(5):
            second.hold()
            clock.advance(timedelta(seconds=6))
            first.hold()

        assert (1, None) == (first.fence, second.fence)

    def test_a_lease_given_back_is_free_at_once(self, store: Store):
        """A scheduler that stops in good order makes nobody wait."""
        clock = VirtualClock()
        first, second = _lease(store, clock, "first"), _lease(store, clock, "second")
        first.hold()
        first.release()
        second.hold()

        assert (None, 2) == (first.fence, second.fence)

    def test_the_cursor_of_a_later_runner_is_left_alone(self, world: World):
        """What a replaced runner still writes carries its lower fence."""
        ann = world.person("Ann")
        ann.post("/workspaces/me/tasks", {"title": "A"})
        world.clock.advance(timedelta(minutes=5))
        world.services.sweep.run(fence=7)
        cursor = world.document("jobs/sweepReactions")
        ann.post("/workspaces/me/tasks", {"title": "B"})
        world.clock.advance(timedelta(minutes=5))

        world.services.sweep.run(fence=6)

        assert cursor == world.document("jobs/sweepReactions")


def _first_aborts(commit: Callable[..., object]) -> Callable[..., object]:
    """Let the outside world abort the first commit, and do the others."""
    calls = count()

    def committing(batch: WriteBatch, **options: object) -> object:
        if next(calls) == 0:
            raise gcp.Aborted("Too much contention on these documents.")
        return commit(batch, **options)

    return committing


def _lease(store: Store, clock: VirtualClock, holder: str) -> Lease:
    return Lease(store, clock, name="test", holder=holder, ttl_s=10)
