"""Jobs that are doubled, late, reordered, lost, or taken without a word: each thing comes once."""

import secrets
import time
from collections.abc import Callable
from random import Random

import pytest

from backend.timers.model import TimerState
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task
from tests.api.wishes import prefers
from tests.api.world import World
from tests.faults.chains import Chain, Chains
from tests.faults.herd import wait_until
from tests.faults.test_schedulers import open_tasks, unread

KINDS = (
    FaultKind.DUPLICATE,
    FaultKind.DELAY,
    FaultKind.REORDER,
    FaultKind.DROP,
    FaultKind.UNANSWERED,
    FaultKind.EARLY,
)


class TestDeliveries:
    """A queue that misbehaves in every way it has, while the ticks come round."""

    def test_each_thing_happens_once(
        self,
        world: World,
        request: pytest.FixtureRequest,
        record_property: Callable[[str, object], None],
    ):
        """Slots of timers, reactions to changes, and the notifications that follow from them."""
        count = 300 if request.config.getoption("--long") else 12
        record_property("seed", seed := secrets.randbits(32))
        chance = Random(seed)
        chains = Chains(world, *(Chain(f"c{n}", count, 0.5, TimerState.WAITING) for n in range(5)))
        ann, bob = world.person("Ann"), world.person("Bob")
        team, tasks = world.team(ann, bob), 0
        prefers(world, bob, bundleMinutes=0)
        chains.begin()
        # What is lost each time it is repaired waits twice as long each time, so trouble must end.
        calm_at = time.monotonic() + count

        def round_of_trouble() -> bool:
            nonlocal tasks
            if time.monotonic() < calm_at:
                world.tasks.script(fault(chance))
            if tasks < count:
                world.ring(team, app_task(world, team, by=ann, assignees=[bob]))
                tasks += 1
            tick(world)
            return chains.effects().keys() == chains.expected().keys() and tasks == count

        wait_until(round_of_trouble, patience_s=60 + 5 * count)
        wait_until(lambda: tick(world) and unread(world, bob) >= tasks)
        world.tasks.settle()

        assert chains.expected() == chains.effects()
        assert (tasks, tasks) == (open_tasks(world, team), unread(world, bob))
        wait_until(lambda: tick(world) and not world.documents("timers"))


def fault(chance: Random) -> Fault:
    """One that touches a few jobs, of whatever kind."""
    return Fault(
        chance.choice(KINDS),
        count=chance.randint(1, 3),
        copies=chance.randint(1, 4),
        concurrent=chance.random() < 0.5,
        seconds=chance.uniform(0.1, 3),
        size=chance.randint(2, 4),
    )


def tick(world: World) -> bool:
    """What a scheduler does, once."""
    world.services.timers.promote()
    world.services.sweep.run()
    world.services.timers.repair()
    return True
