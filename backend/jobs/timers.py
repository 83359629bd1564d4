"""The timers of jobs and of their runs."""

from datetime import datetime

from backend.jobs.model import Job, JobRun, job_timer_id, run_timer_id
from backend.kit.ids import derived_id
from backend.timers.documents import withdrawing
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox


def job_timer(job: Job, at: datetime) -> Timer:
    """Return the timer at which a job's slots are looked at."""
    return Timer(job_timer_id(job.id), TimerKind.JOB, _subject(job.workspace_id, jobId=job.id), at)


def run_timer(job: Job, run_id: str, at: datetime) -> Timer:
    """Return the timer at which work on a run begins, or goes on."""
    subject = _subject(job.workspace_id, jobId=job.id, runId=run_id)
    return Timer(run_timer_id(job.id, run_id), TimerKind.JOB_RUN, subject, at)


def alert_timer(run: JobRun, at: datetime) -> Timer:
    """Return the timer that tells people of a run that failed or was missed."""
    subject = _subject(run.workspace_id, jobId=run.job_id, runId=run.id)
    return Timer(derived_id("jobAlert", run.job_id, run.id), TimerKind.JOB_ALERT, subject, at)


def plan_next(job: Job, outbox: Outbox, now: datetime) -> None:
    """Set the timer of a job's next slot in a commit, or withdraw it where none comes."""
    if job.next_run_at is None:
        outbox.writes.append(withdrawing(job_timer_id(job.id)))
    else:
        outbox.set(job_timer(job, job.next_run_at), now)


def _subject(workspace_id: str | None, **ids: str) -> dict[str, str]:
    """Return what a timer carries: of a workspace's, with its id, so that it goes with it."""
    return {**ids, "workspaceId": workspace_id} if workspace_id is not None else ids
