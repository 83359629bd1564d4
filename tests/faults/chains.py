"""Chains of timers: each slot has an effect that would show if it came twice, and sets the next."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from backend.kit.documents import Adjust, Change, Increment, Remove, Write
from backend.timers.documents import is_due, timer_fields, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind, TimerState
from tests.api.world import World

KIND = TimerKind.RANKS  # Borrowed: no list is ranked here.


@dataclass(frozen=True)
class Chain:
    """
    `count` slots, `every_s` apart, from now on.

    A new slot's timer is left in `state` and announced by nobody: a waiting one is for promotion
    to find, a promoted one for repair, as if its job had got lost.
    """

    name: str
    count: int
    every_s: float
    state: TimerState

    def first(self, world: World) -> Timer:
        """The timer of slot 0."""
        subject = {"chain": self.name, "slot": "0"}
        return Timer(self.name, KIND, subject, world.clock.now() + self.step)

    @property
    def step(self) -> timedelta:
        """The time between two slots."""
        return timedelta(seconds=self.every_s)


class Chains:
    """The handler of the chains, and what became of them."""

    def __init__(self, world: World, *chains: Chain) -> None:
        self._world = world
        self._store = world.services.ports.store
        self._chains = {chain.name: chain for chain in chains}
        firing = world.services.firing
        firing._handlers = {**firing._handlers, KIND: self}

    def begin(self) -> None:
        """Set the timer of each chain's first slot."""
        for chain in self._chains.values():
            fields = timer_fields(chain.first(self._world), chain.state)
            self._world.write(timer_path(chain.name), fields)

    def fire(self, alarm: Alarm) -> None:
        """Count the slot, and set the next one, in one commit."""
        chain, now = self._chains[alarm.id_of("chain")], self._world.clock.now()

        def plan() -> tuple[None, list[Write]]:
            stored = self._store.get(timer_path(alarm.timer_id))
            if stored is None or not is_due(stored, alarm, now):
                return None, []
            timer = timer_of(stored)
            slot = int(timer.subject["slot"])
            effect = Adjust(f"effects/{chain.name}-{slot}", {"count": Increment(1)})
            if slot + 1 == chain.count:
                return None, [effect, Remove(stored)]
            subject = {**timer.subject, "slot": str(slot + 1)}
            further = replace(timer, subject=subject, fire_at=timer.fire_at + chain.step)
            return None, [effect, Change(stored, timer_fields(further, chain.state))]

        self._store.commit(plan)

    def effects(self) -> dict[str, int]:
        """How often each slot has come."""
        found = self._world.database.collection("effects").stream()
        return {each.id: each.to_dict()["count"] for each in found}

    def expected(self) -> dict[str, int]:
        """Each slot of each chain, once."""
        return dict(
            Counter(
                f"{chain.name}-{slot}"
                for chain in self._chains.values()
                for slot in range(chain.count)
            )
        )
