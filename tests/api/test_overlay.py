"""What is written over a store for the length of a rehearsal, and the real store, do the same."""

import random
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.adapters.firestore import Store
from backend.adapters.overlay import OverlayStore
from backend.kit.documents import (
    Adjust,
    Bump,
    Change,
    Create,
    Increment,
    Put,
    Query,
    Remove,
    Stored,
    Unchanged,
    Where,
    Withdraw,
    Write,
)
from local.suite import EmulatorSuite
from tests.clock import VirtualClock

PATHS = [f"rooms/{room}/things/{thing}" for room in "ab" for thing in "123456"]


@pytest.fixture
def store_of(suite: EmulatorSuite) -> Iterator[Callable[[], Store]]:
    """Stores, each on a database of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
        yield lambda: Store(f"demo-{secrets.token_hex(6)}", VirtualClock(), emulated=True)


class TestOverlay:
    """The same writes, once into Firestore and once over an equal database."""

    @pytest.mark.parametrize("seed", range(6))
    def test_random_commits_leave_the_same_documents(
        self, store_of: Callable[[], Store], seed: int
    ):
        """Every write with its precondition, queries, groups and counts; refusals among them."""
        real, beneath = store_of(), store_of()
        chance = random.Random(seed)
        begun = [Put(path, _any_fields(chance)) for path in chance.sample(PATHS, 6)]
        for store in (real, beneath):
            assert store.attempt(begun)
        overlay = OverlayStore(beneath, VirtualClock())

        for _ in range(40):
            state = chance.getstate()
            outcomes = []
            for store in (real, overlay):
                chance.setstate(state)
                outcomes.append(store.attempt(_any_writes(chance, store)))
            query = _any_query(chance)

            assert outcomes[0] == outcomes[1]
            assert _fields(real.get_all(PATHS)) == _fields(overlay.get_all(PATHS))
            assert _fields(real.find(query)) == _fields(overlay.find(query))
            assert real.count(query) == overlay.count(query)
        assert _paths(real.below("rooms/a", limit=4)) == _paths(overlay.below("rooms/a", limit=4))
        assert _fields(beneath.get_all(PATHS)) == _fields(
            [
                next(
                    (Stored(put.path, put.fields, _NEVER) for put in begun if put.path == path),
                    None,
                )
                for path in PATHS
            ]
        )

    def test_a_swap_and_a_contended_plan_go_on(self, store_of: Callable[[], Store]):
        """What leases and commits are made of works here as it does there."""
        overlay = OverlayStore(store_of(), VirtualClock())
        first = overlay.swap("leases/one", {"n": 1}, seen=None)
        second = overlay.swap("leases/one", {"n": 2}, seen=first)

        assert overlay.swap("leases/one", {"n": 3}, seen=first) is None
        assert [{"n": 2}] == _fields([overlay.get("leases/one")])
        assert second is not None

    def test_it_tells_what_was_written(self, store_of: Callable[[], Store]):
        """Before and after, once."""
        overlay = OverlayStore(store_of(), VirtualClock())
        overlay.attempt([Create("things/1", {"n": 1})])
        overlay.attempt([Adjust("things/1", {"n": Increment(2)})])

        kept = [(each.before and each.before.fields, each.after) for each in overlay.kept()]

        assert [(None, {"n": 1}), ({"n": 1}, {"n": 3})] == [
            (before, after.fields if after else None) for before, after in kept
        ]
        assert overlay.kept() == []


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _fields(found: list[Stored | None]) -> list[Any]:
    return [None if stored is None else stored.fields for stored in found]


def _paths(found: list[Stored]) -> list[str]:
    return [stored.path for stored in found]


def _any_fields(chance: random.Random) -> dict[str, Any]:
    return {
        "n": chance.randrange(5),
        "map": {"a": chance.randrange(3), "deep": {"b": 1}},
        **({"kind": chance.choice("xy")} if chance.random() < 0.8 else {}),
    }


def _any_writes(chance: random.Random, store: Store) -> list[Write]:
    return [_any_write(chance, store, path) for path in chance.sample(PATHS, 2)]


def _any_write(chance: random.Random, store: Store, path: str) -> Write:
    stored = store.get(path)
    kind = chance.randrange(8)
    fields = _any_fields(chance)
    counted = {"n": Increment(1), "map": {"a": Increment(2)}}
    if stored is None:
        return [Create, Put][kind % 2](path, fields) if kind < 6 else Bump(path, counted)
    if kind == 0:
        stored = Stored(path, stored.fields, _NEVER)  # As if it had been read before others wrote.
    return [
        Change(stored, {"n": 9}),
        Change(stored, {"n": Increment(1), "map": {"c": 1}}),
        Create(path, fields),
        Put(path, fields),
        Adjust(path, counted),
        Bump(path, counted),
        Remove(stored) if chance.random() < 0.5 else Withdraw(path),
        Unchanged(stored),
    ][kind]


def _any_query(chance: random.Random) -> Query:
    where = chance.choice(
        [(), (Where("n", ">=", 2),), (Where("map.a", "==", 1),), (Where("kind", "==", "x"),)]
    )
    group = chance.random() < 0.5
    collection = "things" if group else "rooms/a/things"
    limit = chance.randrange(1, 6)
    order = chance.choice([(), ("n",), ("-n",)])
    either = chance.choice([(), ((Where("n", "==", 1),), (Where("map.a", "in", [0, 2]),))])
    return Query(collection, limit, where, order, group=group, either=either)
