"""
Which run of a job is at work, and which ones wait. Part of the plans of commits.

The job's document is the guard: whatever starts, ends or queues a run also writes it, so that of
two workers that decide at once one looks again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.jobs.documents import job_fields, run_fields, run_of, run_path
from backend.jobs.model import (
    MOST_WAITING,
    RUNS_KEPT_FOR,
    Job,
    JobRun,
    LastRun,
    Overlap,
    RunOutcome,
    run_timer_id,
    slot_id,
)
from backend.jobs.timers import alert_timer, run_timer
from backend.kit.documents import Adjust, Change, Create, Fields, Stored
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox

QUEUE_FULL = "queue-full"
MOVED = ("nextRunAt", "current", "waiting", "lastRun")


def new_run(
    job: Job, slot: datetime, *, at: datetime, triggered_by: str, run_id: str | None = None
) -> JobRun:
    """Return a run of a job for a slot, not yet begun. Its id follows from the slot or is given."""
    return JobRun(
        id=run_id or slot_id(slot),
        job_id=job.id,
        workspace_id=job.workspace_id,
        handler=job.handler,
        arguments=job.arguments,
        slot=slot,
        outcome=RunOutcome.QUEUED,
        triggered_by=triggered_by,
        by=job.by,
        created_at=at,
        expire_at=at + RUNS_KEPT_FOR,
    )


def moving(stored: Stored, job: Job) -> Change:
    """Return the write that moves a job on, as its schedule and its runs do: without a revision."""
    fields = job_fields(job)
    return Change(stored, {name: fields[name] for name in MOVED})


def begin(
    job: Job, run: JobRun, outbox: Outbox, now: datetime, *, stored: Stored | None = None
) -> Job:
    """
    Let a run begin, wait or be skipped, as the job's overlap says. Return the job after it.

    `stored` is the run's document where there is one already.
    """
    if job.current is None:
        return _start(job, run, outbox, now, stored)
    if job.overlap is Overlap.QUEUE:
        return line_up(job, run, outbox, now, stored=stored)
    if job.overlap is Overlap.REPLACE:
        ended = {"outcome": RunOutcome.REPLACED.value, "endedAt": now}
        outbox.writes += [
            Adjust(run_path(job.id, job.current), ended),
            withdrawing(run_timer_id(job.id, job.current)),
        ]
        return _start(job, run, outbox, now, stored)
    note(run.ended(RunOutcome.SKIPPED, at=now), outbox, stored=stored)
    return job


def line_up(
    job: Job, run: JobRun, outbox: Outbox, now: datetime, *, stored: Stored | None = None
) -> Job:
    """Let a run begin, or wait behind those that do, whatever the job's overlap says."""
    if job.current is None:
        return _start(job, run, outbox, now, stored)
    if len(job.waiting) >= MOST_WAITING:
        note(run.ended(RunOutcome.SKIPPED, at=now, error=QUEUE_FULL), outbox, stored=stored)
        return job
    note(replace(run, outcome=RunOutcome.QUEUED), outbox, stored=stored)
    return replace(job, waiting=(*job.waiting, run.id))


def end(
    job: Job, run: JobRun, waiting: Sequence[Stored | None], outbox: Outbox, now: datetime
) -> Job:
    """
    Let a job go on after a run that has ended: the next one that waits begins.

    `waiting` are the documents of the first ones in the line; one that is gone is passed over.
    """
    if job.current != run.id:
        return job
    job = replace(job, current=None, last_run=LastRun.of(run))
    if run.is_alarming:
        outbox.set(alert_timer(run, now), now)
    for stored in waiting:
        job = replace(job, waiting=job.waiting[1:])
        if stored is not None and not run_of(stored).has_ended:
            return _start(job, run_of(stored), outbox, now, stored)
    return job


def note(run: JobRun, outbox: Outbox, *, stored: Stored | None = None) -> None:
    """Write a run into a commit: a new one, or in place of what was read."""
    fields: Fields = run_fields(run)
    path = run_path(run.job_id, run.id)
    outbox.writes.append(Change(stored, fields) if stored else Create(path, fields))


def _start(job: Job, run: JobRun, outbox: Outbox, now: datetime, stored: Stored | None) -> Job:
    note(run.started(at=now), outbox, stored=stored)
    outbox.set(run_timer(job, run.id, now), now)
    return replace(job, current=run.id)
