"""Jobs and their runs as documents."""

from typing import Any

from backend.jobs.model import (
    CatchUp,
    Job,
    JobRun,
    JobState,
    LastRun,
    Overlap,
    RunOutcome,
)
from backend.jobs.schedule import Schedule
from backend.kit.documents import Fields, Stored, reading
from backend.kit.people import PEOPLE, people_in

JOBS = "jobs"


def job_path(job_id: str) -> str:
    """Return where a job lies."""
    return f"{JOBS}/{job_id}"


def runs_of(job_id: str) -> str:
    """Return the collection of a job's runs."""
    return f"{job_path(job_id)}/runs"


def run_path(job_id: str, run_id: str) -> str:
    """Return where a run lies."""
    return f"{runs_of(job_id)}/{run_id}"


def job_fields(job: Job) -> Fields:
    """Return the document of a job."""
    fields = {
        "workspaceId": job.workspace_id,
        "name": job.name,
        "handler": job.handler,
        "arguments": dict(job.arguments),
        "schedule": job.schedule.to_fields(),
        "overlap": job.overlap.value,
        "maxRuntimeS": job.max_runtime_s,
        "retries": job.retries,
        "catchUp": job.catch_up.value,
        "state": job.state.value,
        "isBuiltIn": job.is_built_in,
        "nextRunAt": job.next_run_at,
        "current": job.current,
        "waiting": list(job.waiting),
        "lastRun": _last_fields(job.last_run),
        "actorUid": job.by,
        "createdAt": job.created_at,
        "createdBy": job.created_by,
        "updatedAt": job.updated_at,
        "rev": job.rev,
    }
    return {**fields, PEOPLE: people_in(fields)}


def job_of(stored: Stored) -> Job:
    """
    Read a job from its document.

    Raises:
        DataLoss: the document is none.
    """
    with reading(stored) as fields:
        return Job(
            id=stored.id,
            workspace_id=fields["workspaceId"],
            name=fields["name"],
            handler=fields["handler"],
            arguments=fields["arguments"],
            schedule=Schedule.from_fields(fields["schedule"]),
            overlap=Overlap(fields["overlap"]),
            max_runtime_s=fields["maxRuntimeS"],
            retries=fields["retries"],
            catch_up=CatchUp(fields["catchUp"]),
            state=JobState(fields["state"]),
            is_built_in=fields["isBuiltIn"],
            next_run_at=fields["nextRunAt"],
            current=fields["current"],
            waiting=tuple(fields["waiting"]),
            last_run=_last_of(fields["lastRun"]),
            by=fields["actorUid"],
            created_at=fields["createdAt"],
            created_by=fields["createdBy"],
            updated_at=fields["updatedAt"],
            rev=fields["rev"],
        )


def run_fields(run: JobRun) -> Fields:
    """Return the document of a run."""
    fields = {
        "jobId": run.job_id,
        "workspaceId": run.workspace_id,
        "handler": run.handler,
        "arguments": dict(run.arguments),
        "slot": run.slot,
        "outcome": run.outcome.value,
        "triggeredBy": run.triggered_by,
        "actorUid": run.by,
        "createdAt": run.created_at,
        "expireAt": run.expire_at,
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
        "items": run.items,
        "cursor": dict(run.cursor),
        "result": dict(run.result),
        "error": run.error,
        "attempt": run.attempt,
        "missedUntil": run.missed_until,
    }
    return {**fields, PEOPLE: people_in(fields)}


def run_of(stored: Stored) -> JobRun:
    """
    Read a run from its document.

    Raises:
        DataLoss: the document is none.
    """
    with reading(stored) as fields:
        return JobRun(
            id=stored.id,
            job_id=stored.parent_id,
            workspace_id=fields["workspaceId"],
            handler=fields["handler"],
            arguments=fields["arguments"],
            slot=fields["slot"],
            outcome=RunOutcome(fields["outcome"]),
            triggered_by=fields["triggeredBy"],
            by=fields["actorUid"],
            created_at=fields["createdAt"],
            expire_at=fields["expireAt"],
            started_at=fields["startedAt"],
            ended_at=fields["endedAt"],
            items=fields["items"],
            cursor=fields["cursor"],
            result=fields["result"],
            error=fields["error"],
            attempt=fields["attempt"],
            missed_until=fields["missedUntil"],
        )


def _last_fields(last: LastRun | None) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        "runId": last.run_id,
        "slot": last.slot,
        "outcome": last.outcome.value,
        "startedAt": last.started_at,
        "endedAt": last.ended_at,
    }


def _last_of(fields: Fields | None) -> LastRun | None:
    if fields is None:
        return None
    return LastRun(
        run_id=fields["runId"],
        slot=fields["slot"],
        outcome=RunOutcome(fields["outcome"]),
        started_at=fields["startedAt"],
        ended_at=fields["endedAt"],
    )
