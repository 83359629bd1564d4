"""Where the job queue and Cloud Scheduler knock: a job's handler, or a tick, by name."""

from collections.abc import Callable, Mapping

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from backend.bootstrap import Services
from backend.kit.errors import InvalidArgument, TaskFlowError, hidden
from backend.kit.ids import checked
from backend.tasks.model import TaskRef
from backend.web.context import services

log = structlog.get_logger()

blueprint = Blueprint("internal", __name__, url_prefix="/internal")

Body = Mapping[str, str]

JOBS: dict[str, Callable[[Services, Body], object]] = {
    "react": lambda ours, body: ours.reactor.react(_task_ref(body)),
    "fire": lambda ours, body: ours.firing.fire(body),
}

TICKS: dict[str, Callable[[Services], int]] = {
    "promote": lambda ours: ours.timers.promote(),
    "sweep": lambda ours: ours.sweep.run(),
    "repair": lambda ours: ours.timers.repair(),
}


@blueprint.post("/jobs/<handler>")
def run_job(handler: str) -> ResponseReturnValue:
    """
    Run a job. Anything but 2xx makes the queue deliver it again.

    A job that can never succeed is recorded and answered 204, so that it ends here.
    """
    job = JOBS.get(handler)
    if job is None:  # Perhaps queued by a newer version that is just being rolled out.
        raise hidden()
    try:
        job(services(), _body())
    except TaskFlowError as error:
        if error.retryable:
            raise
        log.exception("job.refused", handler=handler, code=error.code, detail=error.detail)
    return "", 204


@blueprint.post("/ticks/<tick>")
def run_tick(tick: str) -> ResponseReturnValue:
    """Run a tick, where Cloud Scheduler stands in for the scheduler process."""
    work = TICKS.get(tick)
    if work is None:
        raise hidden()
    return {"done": work(services())}


def _body() -> Body:
    body = request.get_json()
    if not isinstance(body, dict) or not all(isinstance(text, str) for text in body.values()):
        raise InvalidArgument("A job's body is an object of ids.", code="malformed-request")
    return body


def _task_ref(body: Body) -> TaskRef:
    return TaskRef(checked(body.get("workspaceId", "")), checked(body.get("taskId", "")))
