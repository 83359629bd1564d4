"""Running a job by hand: now, once more, or for slots that passed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from backend.adapters.firestore import Store
from backend.jobs.documents import run_of
from backend.jobs.keeping import Keeper
from backend.jobs.model import (
    MOST_WAITING,
    NOT_RUN,
    RUNS_KEPT_FOR,
    Job,
    JobRun,
    Overlap,
    RunOutcome,
    slot_id,
)
from backend.jobs.queueing import begin, line_up, moving, new_run
from backend.jobs.repository import JobRepository
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Write
from backend.kit.errors import FailedPrecondition, InvalidArgument, hidden
from backend.kit.ids import random_id
from backend.kit.pages import PageTokens
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

T = TypeVar("T")

MOST_SLOTS = 100
# Runs are kept for longer: a slot whose record has expired must not be run again.
BACK_FOR = timedelta(days=60)


class JobTriggering:
    """
    Runs that somebody asks for.

    Every method raises NotFound for jobs that are absent or another's.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, tokens: PageTokens
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._jobs = JobRepository(store, tokens)

    def run(self, keeper: Keeper, job_id: str) -> JobRun:
        """
        Run a job now, or behind the run at work, as its overlap says. Also a paused one.

        Raises:
            FailedPrecondition: a run is at work, and the job's overlap is "skip"; or too many wait.
        """
        now, run_id = self._clock.now(), random_id()
        outbox = Outbox()

        def plan() -> tuple[JobRun, Sequence[Write]]:
            nonlocal outbox
            stored, job, (there,) = self._jobs.both(job_id, [run_id], of=keeper.workspace_id)
            if there is not None:
                return run_of(there), []  # Our own commit took place; only its answer was lost.
            run = new_run(job, now, at=now, triggered_by=keeper.actor.uid, run_id=run_id)
            outbox = Outbox()
            run = self._begin(stored, job, run, None, outbox, now)
            outbox.writes += keeper.recording(job.id, "run", now)
            return run, outbox.writes

        return self._committed(plan, lambda: outbox, now)

    def retry(self, keeper: Keeper, job_id: str, run_id: str) -> JobRun:
        """
        Run a slot once more that did not end well. It goes on where it stopped, under the same id.

        Raises:
            NotFound: there is no such run.
            FailedPrecondition: it has not ended, or ended well; or as for `run`.
        """
        now = self._clock.now()
        outbox = Outbox()
        tried: JobRun | None = None

        def plan() -> tuple[JobRun, Sequence[Write]]:
            nonlocal outbox, tried
            stored, job, (there,) = self._jobs.both(job_id, [run_id], of=keeper.workspace_id)
            if there is None:
                raise hidden()
            run = run_of(there)
            if run == tried:
                return run, []  # Our own commit took place; only its answer was lost.
            if not run.has_ended or run.outcome is RunOutcome.DONE:
                raise FailedPrecondition(f"This run is {run.outcome.value}.")
            outbox = Outbox()
            tried = self._begin(stored, job, _anew(job, run, keeper, now), there, outbox, now)
            outbox.writes += keeper.recording(job.id, "retried", now)
            return tried, outbox.writes

        return self._committed(plan, lambda: outbox, now)

    def backfill(
        self, keeper: Keeper, job_id: str, since: datetime, until: datetime
    ) -> list[JobRun]:
        """
        Run the slots from `since` to `until`, both included, that were never run, one by one.

        Slots that have a run are left alone, unless it was missed or skipped.

        Raises:
            InvalidArgument: it begins more than 60 days ago, ends in the future, or holds more than
                100 slots.
            FailedPrecondition: more runs would wait than may.
        """
        now = self._clock.now()
        if until > now:
            raise InvalidArgument("What is to come will run by itself.", pointer="/to")
        if since > until or since < now - BACK_FOR:
            raise InvalidArgument("From at most 60 days ago.", pointer="/from")
        outbox = Outbox()
        tried: list[JobRun] = []

        def plan() -> tuple[list[JobRun], Sequence[Write]]:
            nonlocal outbox, tried
            job = self._jobs.get(job_id, of=keeper.workspace_id)[1]
            slots = _slots(job, since, until)
            ids = [slot_id(slot) for slot in slots]
            stored, job, there = self._jobs.both(job_id, ids, of=keeper.workspace_id)
            wanted = _never_run(job, slots, there, keeper.actor.uid, now)
            if not wanted and tried:
                return tried, []  # Our own commit took place; only its answer was lost.
            if len(job.waiting) + len(wanted) > MOST_WAITING:
                raise FailedPrecondition("Too many runs of this job wait already.")
            outbox, tried = Outbox(), [run for run, _ in wanted]
            for run, before in wanted:
                job = line_up(job, run, outbox, now, stored=before)
            if wanted:
                outbox.writes.append(moving(stored, job))
                outbox.writes += keeper.recording(job.id, "backfilled", now)
            return tried, outbox.writes

        return self._committed(plan, lambda: outbox, now)

    def _begin(
        self,
        stored: Stored,
        job: Job,
        run: JobRun,
        before: Stored | None,
        outbox: Outbox,
        now: datetime,
    ) -> JobRun:
        if job.current is not None:
            if job.overlap is Overlap.SKIP:
                raise FailedPrecondition("A run of this job is at work.")
            if job.overlap is Overlap.QUEUE and len(job.waiting) >= MOST_WAITING:
                raise FailedPrecondition("Too many runs of this job wait already.")
        moved = begin(job, run, outbox, now, stored=before)
        outbox.writes.append(moving(stored, moved))
        return run.started(at=now) if moved.current == run.id else run

    def _committed(
        self,
        plan: Callable[[], tuple[T, Sequence[Write]]],
        outbox: Callable[[], Outbox],
        now: datetime,
    ) -> T:
        done = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox().timers, now=now))
        return done


def _anew(job: Job, run: JobRun, keeper: Keeper, now: datetime) -> JobRun:
    """Return a run as before its first attempt, but for what it did and how far it was."""
    return replace(
        run,
        outcome=RunOutcome.QUEUED,
        arguments=run.arguments if run.started_at else job.arguments,
        triggered_by=keeper.actor.uid,
        by=job.by,
        ended_at=None,
        error=None,
        attempt=1,
        expire_at=now + RUNS_KEPT_FOR,
    )


def _slots(job: Job, since: datetime, until: datetime) -> list[datetime]:
    """Return the slots of a stretch of time, as far as the schedule has looked at them."""
    # One more than there may be, to see that there are more.
    slots = job.schedule.next(since - timedelta(microseconds=1), MOST_SLOTS + 1)
    found = [slot for slot in slots if slot <= until]
    if len(found) > MOST_SLOTS:
        raise InvalidArgument(f"These are more than {MOST_SLOTS} runs.", pointer="/to")
    return [slot for slot in found if job.next_run_at is None or slot < job.next_run_at]


def _never_run(
    job: Job,
    slots: Sequence[datetime],
    there: Sequence[Stored | None],
    by: str,
    now: datetime,
) -> list[tuple[JobRun, Stored | None]]:
    """Return runs, by whoever asks, of the slots that have none, or whose run never came to be."""
    wanted = []
    for slot, stored in zip(slots, there, strict=True):
        before = run_of(stored) if stored else None
        if before is None or before.outcome in NOT_RUN:
            run = new_run(job, slot, at=now, triggered_by=by)
            # What else was missed is recorded nowhere but here.
            run = replace(run, missed_until=before.missed_until if before else None)
            wanted.append((run, stored))
    return wanted
