"""Where the job queue and Cloud Scheduler knock: a job's handler, or a tick, by name."""

from collections.abc import Callable, Mapping

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from backend.boards.model import GroupKind, GroupRef
from backend.bootstrap import Services
from backend.bootstrap.ticks import TICKS, Turn
from backend.comments.model import CommentRef
from backend.intents.commands import commands
from backend.kit.errors import InvalidArgument, TaskFlowError, hidden
from backend.kit.ids import checked
from backend.tasks.model import TaskRef
from backend.web.bodies import json_body
from backend.web.context import services
from backend.web.request_log import working
from backend.web.requirements import takes_mail

log = structlog.get_logger()

blueprint = Blueprint("internal", __name__, url_prefix="/internal")

Body = Mapping[str, str]

JOBS: dict[str, Callable[[Services, Body], object]] = {
    "react": lambda ours, body: ours.reactors.tasks.react(_task_ref(body)),
    "reactComment": lambda ours, body: ours.reactors.comments.react(_comment_ref(body)),
    "reactAccount": lambda ours, body: ours.reactors.accounts.react(_id(body, "uid")),
    "reactSettings": lambda ours, body: ours.reactors.settings.react(_id(body, "uid")),
    "reactDevice": lambda ours, body: ours.reactors.devices.react(
        _id(body, "uid"), _id(body, "deviceId")
    ),
    "reactInbox": lambda ours, body: ours.reactors.inboxes.react(
        _id(body, "uid"), _id(body, "notificationId")
    ),
    "reactBoard": lambda ours, body: ours.reactors.places.react(_place(body, GroupKind.BOARD)),
    "reactList": lambda ours, body: ours.reactors.places.react(_place(body, GroupKind.LIST)),
    "runIntent": lambda ours, body: ours.intents.run(
        _id(body, "uid"), _id(body, "intentId"), commands(ours)
    ),
    "fire": lambda ours, body: ours.firing.fire(body),
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
    with working("job", handler) as unit:
        unit.details = {"attempt": _attempt()}
        try:
            job(services(), _body())
        except TaskFlowError as error:
            if error.retryable:
                raise
            unit.outcome = "refused"
            log.exception("job.refused", job=handler, code=error.code, detail=error.detail)
    return "", 204


@blueprint.post("/ticks/<tick>")
def run_tick(tick: str) -> ResponseReturnValue:
    """Run a tick, where Cloud Scheduler stands in for the scheduler process."""
    found = TICKS.get(tick)
    if found is None:
        raise hidden()
    ours = services()
    # Nobody here remembers how often it was called, so the time tells.
    number = int(ours.ports.clock.now().timestamp() / found.interval_s(ours.settings))
    with working("tick", tick) as unit:
        unit.details = {"done": found.run(ours, Turn(fence=None, number=number))}
    return unit.details


@blueprint.post("/mail/reports")
@takes_mail
def take_mail_report() -> ResponseReturnValue:
    """
    Take a mail that came to the address of bounces (RFC 3464, RFC 5965).

    Whatever it is, 204: to send it again would change nothing.
    """
    with working("job", "mailReport") as unit:
        unit.details = {"attempt": 0}
        services().mail_reports.take(request.get_data())
    return "", 204


def _attempt() -> int:
    """Return how often the queue has tried before, which it says in a header."""
    told = request.headers.get("X-CloudTasks-TaskRetryCount", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0


def _body() -> Body:
    body = json_body()
    if not isinstance(body, dict) or not all(isinstance(text, str) for text in body.values()):
        raise InvalidArgument("A job's body is an object of ids.", code="malformed-request")
    return body


def _task_ref(body: Body) -> TaskRef:
    return TaskRef(_id(body, "workspaceId"), _id(body, "taskId"))


def _place(body: Body, kind: GroupKind) -> GroupRef:
    return GroupRef(_id(body, "workspaceId"), kind, _id(body, f"{kind.value}Id"))


def _comment_ref(body: Body) -> CommentRef:
    return CommentRef(*_task_ref(body), _id(body, "commentId"))


def _id(body: Body, name: str) -> str:
    return checked(body.get(name, ""))
