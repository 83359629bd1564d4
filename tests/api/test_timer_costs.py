"""What ticks cost: in proportion to what is due, however many timers there are."""

from datetime import timedelta
from math import ceil

import pytest

from backend.adapters.firestore import Usage, metered
from backend.bootstrap.ticks import TICKS, Turn
from backend.jobs.lease import RENEWED_AFTER
from backend.reactions.reactors import LESS_OFTEN
from backend.timers.model import HORIZON, TimerState
from backend.timers.service import TimerService
from local.cloudtasks import Fault, FaultKind
from tests.api.timing import push_timers, put
from tests.api.world import World

FIRE = "/internal/jobs/fire"
OPEN = 1000
DAY_S = 24 * 60 * 60


class TestPromoting:
    """`promote`: features.md allows 1 + ceil(P / 400) commits for P timers."""

    @pytest.mark.parametrize("due", [0, 1, 40, 900])
    def test_it_reads_and_writes_what_is_due(self, world: World, due: int):
        """Once each, in as few commits as may be."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        put(world, push_timers(due, at=world.clock.now()), TimerState.WAITING)

        usage = promoting(world.services.timers)

        assert Usage(reads=max(1, due), writes=due, rpcs=1 + ceil(due / 400)) == usage

    def test_timers_that_are_far_ahead_cost_nothing(self, world: World):
        """A thousand of them, and those in the queue, are not looked at."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        ahead = world.clock.now() + HORIZON + timedelta(minutes=1)
        put(world, push_timers(OPEN, at=ahead), TimerState.WAITING)
        put(world, push_timers(OPEN // 2, at=world.clock.now()), TimerState.PROMOTED)
        put(world, push_timers(5, at=world.clock.now()), TimerState.WAITING)

        assert Usage(reads=5, writes=5, rpcs=2) == promoting(world.services.timers)


class TestRepairing:
    """`repair`"""

    def test_timers_in_good_order_cost_nothing(self, world: World):
        """One read tells that none is late; each that is late costs one."""
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        now = world.clock.now()
        put(world, push_timers(OPEN, at=now + timedelta(days=1)), TimerState.WAITING)
        put(world, push_timers(OPEN // 2, at=now), TimerState.PROMOTED)
        in_good_order = repairing(world.services.timers)
        put(world, push_timers(5, at=now - timedelta(hours=1)), TimerState.PROMOTED)

        assert Usage(reads=1, writes=0, rpcs=1) == in_good_order
        assert Usage(reads=5, writes=0, rpcs=1) == repairing(world.services.timers)


class TestIdleDay:
    """A day on which nothing happens: features.md allows 3,000 reads, and as many writes."""

    def test_ticks_sweeps_and_the_lease_stay_within_it(self, world: World):
        """A tick that finds nothing looks once at each place, and only renewals write."""
        settings = world.services.settings
        for tick in TICKS.values():
            tick.run(world.services, Turn(1, 0))
        reads, writes = 0.0, DAY_S / (settings.lease_ttl_s * RENEWED_AFTER)
        for tick in TICKS.values():
            with metered() as usage:
                for number in range(LESS_OFTEN):
                    tick.run(world.services, Turn(1, number))
            per_day = DAY_S / tick.interval_s(settings) / LESS_OFTEN
            reads += usage.reads * per_day
            writes += usage.writes * per_day

        assert reads <= 3000
        assert writes <= 3000


def promoting(timers: TimerService) -> Usage:
    """What a promotion asks of Firestore."""
    with metered() as usage:
        timers.promote()
    return usage


def repairing(timers: TimerService) -> Usage:
    """What a repair asks of Firestore."""
    with metered() as usage:
        timers.repair()
    return usage
