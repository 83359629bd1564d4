"""Writes that only guard or only count: `Unchanged` and `Bump`, on the real emulator."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.adapters.firestore import Store
from backend.kit.documents import Bump, Change, Create, Increment, Unchanged
from tests.api.world import World


@pytest.fixture
def store(world: World) -> Store:
    return world.services.ports.store


class TestUnchanged:
    """A decision from a document that the commit leaves as it is."""

    def test_it_leaves_no_trace(self, store: Store):
        """Not even a new update time, so that guards of others hold."""
        store.attempt([Create("things/looked-at", {"rev": 1, "tags": ["a"]})])
        before = store.get("things/looked-at")

        done = store.attempt([Unchanged(before), Create("things/made", {"n": 1})])

        assert done
        assert before == store.get("things/looked-at")

    def test_whoever_changed_it_meanwhile_wins(self, store: Store):
        """Then nothing of the commit is written."""
        store.attempt([Create("things/looked-at", {"rev": 1})])
        before = store.get("things/looked-at")
        store.attempt([Change(before, {"rev": 2})])

        done = store.attempt([Unchanged(before), Create("things/made", {"n": 1})])

        assert not done
        assert store.get("things/made") is None

    def test_of_two_that_look_at_each_other_one_wins(self, store: Store, crowd: ThreadPoolExecutor):
        """Which is what keeps a circle from being closed from both ends at once."""
        for number in range(20):
            paths = [f"things/{number}-a", f"things/{number}-b"]
            store.attempt([Create(path, {"rev": 1, "above": None}) for path in paths])
            found = [store.get(path) for path in paths]

            def put_below(mine: int, found=found) -> bool:
                above = found[1 - mine]
                changed = Change(found[mine], {"rev": 2, "above": above.path})
                return store.attempt([changed, Unchanged(above)])

            assert list(crowd.map(put_below, range(2))).count(True) <= 1


class TestBump:
    """Counters that are kept in somebody else's document."""

    def test_nobody_loses_a_race(self, store: Store, crowd: ThreadPoolExecutor):
        """And the rest of the map stays as it is."""
        store.attempt([Create("things/counted", {"counters": {"old": 7}, "name": "A"})])
        more = Bump("things/counted", {"counters": {"new": Increment(1)}})

        list(crowd.map(lambda _: store.commit(lambda: (None, [more])), range(40)))

        fields = store.get("things/counted").fields
        assert {"counters": {"old": 7, "new": 40}, "name": "A"} == fields

    def test_it_makes_no_document(self, store: Store):
        """Where there is none, the commit fails and says so."""
        more = Bump("things/gone", {"counters": {"new": Increment(1)}})

        assert not store.attempt([more, Create("things/beside", {"n": 1})])
        assert [None, None] == store.get_all(["things/gone", "things/beside"])
