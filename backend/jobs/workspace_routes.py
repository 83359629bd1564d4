"""`/workspaces/{w}/jobs`: a workspace's scheduled jobs, for its owner."""

from datetime import datetime
from typing import Any

from backend.jobs import examples
from backend.jobs.answers import Headers, changed, listed, made, read, runs
from backend.jobs.handlers import JobHandler
from backend.jobs.keeping import Keeper
from backend.jobs.model import Job, JobRun
from backend.jobs.schemas import (
    AheadSchema,
    BackfillSchema,
    JobChangesSchema,
    JobHandlersSchema,
    JobPageSchema,
    JobRunPageSchema,
    JobRunSchema,
    JobRunsSchema,
    JobSchema,
    NewJobSchema,
    RunTimesSchema,
)
from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match
from backend.web.context import actor, services, workspace_id
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments
from backend.web.requirements import registered_only
from backend.web.undo_header import undo_header
from backend.workspaces.permissions import Right

blueprint = ApiBlueprint(
    "workspace_jobs",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>",
    description="What a workspace does by itself.",
)

JOB, JOB_PAGE, HANDLERS = JobSchema(), JobPageSchema(), JobHandlersSchema()
NEW_JOB, JOB_CHANGES = NewJobSchema(), JobChangesSchema()
JOB_RUN, RUN_PAGE, JOB_RUNS = JobRunSchema(), JobRunPageSchema(), JobRunsSchema()
AHEAD, RUN_TIMES, BACKFILL = AheadSchema(), RunTimesSchema(), BackfillSchema()
PAGE_ARGUMENTS = PageArguments()

blueprint.register_error_handler(Stale, answering_stale(JOB))


@blueprint.get("/jobs:handlers")
@blueprint.response(200, HANDLERS, example=examples.HANDLERS)
def list_workspace_job_handlers(workspace: str) -> dict[str, list[JobHandler]]:
    """
    List what jobs can do.

    With a JSON Schema of the arguments that each handler takes. For the owner and admins.
    """
    return {"items": services().jobs.handlers(_keeper(workspace, Right.READ_JOBS))}


@blueprint.get("/jobs")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, JOB_PAGE, headers=LINK_HEADER, example=examples.page(examples.JOB))
def list_workspace_jobs(query: dict[str, Any], workspace: str) -> tuple[Page[Job], int, Headers]:
    """
    List the jobs, newest first.

    For the owner and admins.
    """
    return listed(_keeper(workspace, Right.READ_JOBS), query)


@blueprint.post("/jobs")
@costs(5)
@registered_only
@blueprint.arguments(NEW_JOB, example=examples.NEW_JOB)
@blueprint.response(201, JOB, example=examples.JOB)
def create_workspace_job(wanted: dict[str, Any], workspace: str) -> tuple[Job, int, Headers]:
    """
    Set up a job.

    `nextRuns` of the answer says when it will run. A time that clocks leave out is run at the first
    instant after, one that they show twice is run once. What is no schedule, or never comes to
    pass, answers 422 `invalid-schedule`. People whom its arguments name must belong to the
    workspace, else it is 422 with `not-a-member`. For the owner.
    """
    keeper = _keeper(workspace, Right.CREATE_JOB)
    return made(
        services().jobs.create(keeper, wanted), f"/api/v1/workspaces/{keeper.workspace_id}/jobs"
    )


@blueprint.get("/jobs/<job_id>")
@blueprint.response(200, JOB, example=examples.JOB)
def get_workspace_job(workspace: str, job_id: str) -> tuple[Job, int, Headers]:
    """
    Return a job.

    For the owner and admins.
    """
    return read(services().jobs.get(_keeper(workspace, Right.READ_JOBS), job_id))


@blueprint.patch("/jobs/<job_id>")
@blueprint.arguments(JOB_CHANGES, example=examples.JOB_CHANGES)
@blueprint.response(200, JOB, example=examples.CHANGED_JOB)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_workspace_job(
    changes: dict[str, Any], workspace: str, job_id: str
) -> tuple[Job, int, Headers]:
    """
    Change the fields given.

    A schedule is replaced as a whole; what it would have run before now is not made up for. A run
    at work keeps the arguments it began with. People whom new arguments name must belong to the
    workspace, else it is 422 with `not-a-member`. For the owner.
    """
    keeper = _keeper(workspace, Right.CHANGE_JOB)
    return changed(services().jobs.edit(keeper, job_id, changes, expected_rev=if_match()))


@blueprint.delete("/jobs/<job_id>")
@blueprint.response(204)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_workspace_job(workspace: str, job_id: str) -> tuple[None, int, Headers]:
    """
    Delete a job.

    A run at work ends after its present step. Built-in jobs can be paused only: 409. For the owner.
    """
    keeper = _keeper(workspace, Right.DELETE_JOB)
    done = services().jobs.delete(keeper, job_id, expected_rev=if_match())
    return None, 204, undo_header(done.undo)


@blueprint.post("/jobs/<job_id>/pause")
@blueprint.response(200, JOB, example=examples.paused(examples.JOB))
def pause_workspace_job(workspace: str, job_id: str) -> tuple[Job, int, Headers]:
    """
    Let a job run no more by its schedule.

    A run at work goes on, and the job can be run by hand. For the owner.
    """
    return changed(services().jobs.pause(_keeper(workspace, Right.CHANGE_JOB), job_id))


@blueprint.delete("/jobs/<job_id>/pause")
@blueprint.response(200, JOB, example=examples.JOB)
def resume_workspace_job(workspace: str, job_id: str) -> tuple[Job, int, Headers]:
    """
    Let a job run by its schedule again.

    From its next time on: what came while it was paused is not made up for. For the owner.
    """
    return changed(services().jobs.resume(_keeper(workspace, Right.CHANGE_JOB), job_id))


@blueprint.post("/jobs/<job_id>:run")
@costs(10)
@blueprint.response(202, JOB_RUN, example=examples.RUN)
def run_workspace_job(workspace: str, job_id: str) -> JobRun:
    """
    Run a job now.

    Also a paused one. Where a run is at work, the overlap of the job decides: this one waits,
    takes its place, or answers 409. For the owner.
    """
    return services().job_triggering.run(_keeper(workspace, Right.RUN_JOB), job_id)


@blueprint.post("/jobs/<job_id>:rehearse")
@blueprint.arguments(AHEAD, example=examples.AHEAD)
@blueprint.response(200, RUN_TIMES, example=examples.RUN_TIMES)
def rehearse_workspace_job(
    wanted: dict[str, int], workspace: str, job_id: str
) -> dict[str, list[datetime]]:
    """
    Say when a job would run next.

    Also while it is paused. Nothing is run. For the owner and admins.
    """
    keeper = _keeper(workspace, Right.READ_JOBS)
    return {"items": services().jobs.rehearse(keeper, job_id, wanted["count"])}


@blueprint.post("/jobs/<job_id>:backfill")
@costs(20)
@blueprint.arguments(BACKFILL, example=examples.BACKFILL)
@blueprint.response(202, JOB_RUNS, example=examples.JOB_RUNS)
def backfill_workspace_job(
    wanted: dict[str, datetime], workspace: str, job_id: str
) -> dict[str, list[JobRun]]:
    """
    Run slots that passed and were never run.

    One after the other: 100 at the most, of the last 60 days. Those that have a run are left alone,
    unless it was missed or skipped. For the owner.
    """
    keeper = _keeper(workspace, Right.RUN_JOB)
    begun = services().job_triggering.backfill(keeper, job_id, wanted["since"], wanted["until"])
    return {"items": begun}


@blueprint.get("/jobs/<job_id>/runs")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, RUN_PAGE, headers=LINK_HEADER, example=examples.RUN_PAGE)
def list_workspace_job_runs(
    query: dict[str, Any], workspace: str, job_id: str
) -> tuple[Page[JobRun], int, Headers]:
    """
    List the runs of a job, those of the latest slots first.

    They are kept for 90 days. For the owner and admins.
    """
    return runs(_keeper(workspace, Right.READ_JOBS), job_id, query)


@blueprint.post("/jobs/<job_id>/runs/<run_id>:retry")
@costs(10)
@blueprint.response(202, JOB_RUN, example=examples.RETRIED)
def retry_workspace_job_run(workspace: str, job_id: str, run_id: str) -> JobRun:
    """
    Run once more what did not end well.

    Under the same id, and from where it stopped: what it did is not done twice. 409 if it ended
    well, or has not ended. For the owner.
    """
    return services().job_triggering.retry(_keeper(workspace, Right.RUN_JOB), job_id, run_id)


def _keeper(workspace: str, to: Right) -> Keeper:
    return services().jobs.keeper(actor(), workspace_id(workspace), to=to)
