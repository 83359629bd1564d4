"""The guarantee behind the timers of jobs: a job whose slot has passed has one that will fire."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from backend.adapters.firestore import Store
from backend.jobs.built_in import Seeding
from backend.jobs.documents import JOBS, job_of
from backend.jobs.model import job_timer_id
from backend.jobs.timers import job_timer
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Query, Stored, Where
from backend.kit.errors import DataLoss
from backend.timers.documents import is_given_up, timer_fields, timer_path
from backend.timers.service import TimerService

log = structlog.get_logger()

PAGE = 100
# A timer is repaired long before that: only one that is not there needs another.
LATE_BY = timedelta(minutes=15)


class JobSweep:
    """
    Looks for jobs whose timer was lost or given up: one read while there is none.

    The first time in a process it also sets up the built-in jobs, so that these are there whoever
    ticks: a scheduler, or Cloud Scheduler.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService, seeding: Seeding) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._seeding = seeding
        self._has_seeded = False

    def run(self) -> int:
        """Set the timers that are missing, at first also the jobs; return how many were."""
        seeded = 0
        if not self._has_seeded:
            seeded = self._seeding.run()
            self._has_seeded = True
        late = self._late()
        mended = self._mend_among(late) if late else 0
        if mended:
            log.warning("sweep.found_jobs", missed=mended)
        return seeded + mended

    def _late(self) -> list[Stored]:
        # Of those that are paused it is null, which no range holds.
        has_passed = Where("nextRunAt", "<=", self._clock.now() - LATE_BY)
        return self._store.find(
            Query(JOBS, limit=PAGE, where=(has_passed,), order_by=("nextRunAt",))
        )

    def _mend_among(self, late: Sequence[Stored]) -> int:
        timers = self._store.get_all([timer_path(job_timer_id(each.id)) for each in late])
        return sum(
            self._mend(stored, timer)
            for stored, timer in zip(late, timers, strict=True)
            if timer is None or is_given_up(timer)
        )

    def _mend(self, stored: Stored, given_up: Stored | None) -> bool:
        now = self._clock.now()
        try:
            timer = job_timer(job_of(stored), now)
        except DataLoss as error:  # It keeps no other from being mended.
            log.exception("job.unreadable", job_id=stored.id, detail=error.detail)
            return False
        fields = timer_fields(timer, timer.state_at(now))
        write = Change(given_up, fields) if given_up else Create(timer_path(timer.id), fields)
        if not self._store.attempt([write]):
            return False  # Somebody else has set it.
        self._timers.announce([timer], now=now)
        return True
