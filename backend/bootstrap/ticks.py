"""The ticks: what is seen to again and again, by our scheduler or as Cloud Scheduler calls."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.bootstrap.services import Services
from backend.settings import Settings

RARER = 5


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One call of a tick.

    `fence` is the fencing token of whoever holds the lease, None for Cloud Scheduler. `number`
    counts the calls, so that something can be done in every n-th of them.
    """

    fence: int | None
    number: int


@dataclass(frozen=True, slots=True)
class Tick:
    """What `run` does, each `interval_s` of the settings; it returns how much there was to do."""

    run: Callable[[Services, Turn], int]
    interval_s: Callable[[Settings], float]


def _now_and_then(run: Callable[[Services], int]) -> Tick:
    """Return a tick of what may wait longer: looking costs a read, where nothing was lost too."""
    return Tick(lambda ours, _: run(ours), lambda settings: settings.repair_interval_s * RARER)


# All of them may run twice at once, and be killed at any moment.
TICKS = {
    "promote": Tick(lambda ours, _: ours.timers.promote(), lambda s: s.promote_interval_s),
    "sweep": Tick(
        lambda ours, turn: ours.sweep.run(turn.fence, turn=turn.number),
        lambda settings: settings.sweep_interval_s,
    ),
    "repair": Tick(lambda ours, _: ours.timers.repair(), lambda s: s.repair_interval_s),
    "series": _now_and_then(lambda ours: ours.occurrence_repair.run()),
    "jobs": _now_and_then(lambda ours: ours.job_sweep.run()),
    "deliveries": _now_and_then(
        lambda ours: (
            ours.delivery_healing.run() + ours.broadcast_repair.run() + ours.snooze_repair.run()
        )
    ),
}
