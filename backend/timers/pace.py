"""How long one job goes on with work in steps before it leaves the rest to another."""

from collections.abc import Iterator

from backend.kit.clock import Clock

# Of a job's 25 seconds: what a step takes must fit into the rest.
GOES_ON_S = 10.0
# Also of steps that take no time at all, and of races that were lost.
MOST_STEPS = 200


def paced(clock: Clock) -> Iterator[bool]:
    """Yield for each step whether another job is to do it: False until the time is over."""
    give_up_at = clock.monotonic() + GOES_ON_S
    for _ in range(MOST_STEPS):
        yield False
        if clock.monotonic() >= give_up_at:
            break
    yield True
