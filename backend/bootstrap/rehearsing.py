"""The stage of a rehearsal: the same services, over documents that last as long as it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from backend.adapters.cache import NoCache
from backend.adapters.jobs import Job
from backend.adapters.metrics import Metrics
from backend.adapters.overlay import OverlayStore
from backend.bootstrap.alarms import alarms
from backend.bootstrap.foundation import lay_foundation
from backend.bootstrap.ports import Ports
from backend.rehearsal.clock import RehearsalClock
from backend.rehearsal.stage import Stage
from backend.settings import Settings
from backend.timers.firing import Firing


class NoJobs:
    """`Jobs` that never come: the rehearsal itself looks which timer fires next."""

    def enqueue(self, job: Job) -> None:
        """Forget it."""

    def ping(self) -> None:
        """Return: nobody is asked."""


def stages(settings: Settings, ports: Ports) -> Callable[[datetime], Stage]:
    """
    Return what sets the stage of a rehearsal that begins at an instant.

    Its caches and numbers are its own: what it makes up must not be taken for the truth.
    """

    def set_stage(at: datetime) -> Stage:
        clock = RehearsalClock(ports.clock, at)
        store = OverlayStore(ports.store, clock)
        apart = replace(
            ports, store=store, clock=clock, jobs=NoJobs(), cache=NoCache(), metrics=Metrics()
        )
        base = lay_foundation(settings, apart)
        firing = Firing(base.timers, alarms(base))
        return Stage(store=store, clock=clock, firing=firing, tasks=base.reactors.tasks)

    return set_stage
