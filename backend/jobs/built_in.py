"""The jobs that TaskFlow itself comes with: they can be paused and rescheduled, not deleted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.jobs.documents import job_fields, job_path
from backend.jobs.handlers import Handlers, JobScope
from backend.jobs.model import CatchUp, Job, JobState, Overlap
from backend.jobs.schedule import Schedule
from backend.jobs.timers import plan_next
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Stored
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A job as it is at first. Its id is the name of its handler."""

    handler: str
    name: str
    expression: str  # In UTC: it serves everybody.


BUILT_IN = (
    BuiltIn("sweepGuests", "Find guests whose time is over", "17 * * * *"),
    BuiltIn("sweepFiles", "Find uploads that nobody finished", "37 * * * *"),
    BuiltIn("backup", "Back the database up", "10 2 * * *"),
    BuiltIn("purgeExpired", "Delete what has expired", "40 3 * * *"),
    BuiltIn("recountTotals", "Count totals anew", "20 4 * * SUN"),
)


class Seeding:
    """
    Sets up the built-in jobs that are missing.

    What is there stays as it is, so that any number of processes may do it, whenever they start.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        handlers: Handlers,
        *,
        paused: Collection[str] = (),
    ) -> None:
        """Take the names of those that are paused at first: what they need is not set up."""
        self._paused = paused
        self._store = store
        self._clock = clock
        self._timers = timers
        self._handlers = handlers

    def run(self) -> int:
        """Set up those that are missing; return how many were. One round trip where none are."""
        known = [each for each in BUILT_IN if self._handlers.find(each.handler, JobScope.PLATFORM)]
        found = self._store.get_all([job_path(each.handler) for each in known])
        return sum(
            self._set_up(each, there)
            for each, there in zip(known, found, strict=True)
            # Earlier versions kept notes of a sweep under one of these ids.
            if there is None or "handler" not in there.fields
        )

    def _set_up(self, built_in: BuiltIn, there: Stored | None) -> bool:
        now = self._clock.now()
        job = _job(built_in, now, is_paused=built_in.handler in self._paused)
        fields = job_fields(job)
        outbox = Outbox([Change(there, fields) if there else Create(job_path(job.id), fields)])
        plan_next(job, outbox, now)
        if not self._store.attempt(outbox.writes):
            return False  # Another process was faster.
        self._timers.announce(outbox.timers, now=now)
        log.info("job.kept", job_id=job.id)
        return True


def _job(built_in: BuiltIn, now: datetime, *, is_paused: bool) -> Job:
    schedule = Schedule.cron(built_in.expression, "UTC")
    return Job(
        id=built_in.handler,
        workspace_id=None,
        name=built_in.name,
        handler=built_in.handler,
        arguments={},
        schedule=schedule,
        overlap=Overlap.SKIP,
        max_runtime_s=3600,
        retries=3,
        catch_up=CatchUp.LATEST,
        state=JobState.PAUSED if is_paused else JobState.ACTIVE,
        is_built_in=True,
        next_run_at=None if is_paused else schedule.after(now),
        current=None,
        waiting=(),
        last_run=None,
        by=SYSTEM_UID,
        created_at=now,
        created_by=SYSTEM_UID,
        updated_at=now,
        rev=1,
    )
