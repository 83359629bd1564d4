"""`/workspaces/{w}/tasks:batch`."""

from dataclasses import replace
from typing import Any

from flask import Response

from backend.bulk import examples
from backend.bulk.model import MAX_AT_ONCE, Report, Verdict
from backend.bulk.schemas import BatchSchema, ReportSchema, commands_of
from backend.kit.ids import random_id
from backend.operations.answers import begun
from backend.operations.schemas import OperationSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.bodies import json_body
from backend.web.catalogue import ENGLISH
from backend.web.context import actor, services, workspace_id
from backend.web.deadlines import within
from backend.web.language import callers_language
from backend.web.limits import costs
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "bulk",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>",
    description="Many commands on tasks in one request.",
)

BATCH, REPORT, OPERATION = BatchSchema(), ReportSchema(), OperationSchema()


@blueprint.post("/tasks:batch")
@within(10.0)
@costs(5)
@blueprint.arguments(BATCH, example=examples.BATCH)
@blueprint.response(200, REPORT, example=examples.REPORT)
@blueprint.alt_response(202, schema=OPERATION, description="It is being carried out.")
def batch_tasks(
    wanted: dict[str, Any], workspace: str
) -> tuple[Report, int, dict[str, str]] | Response:
    """
    Carry out up to 400 commands on tasks, in their order, as the routes of their own would.

    Later ones find what earlier ones made. `atomic`: all of them or none; if one cannot be carried
    out, 409 `batch-refused` names each that cannot. `perItem`: 200 with a verdict on each, in the
    order given, some of them perhaps `refused`. What is malformed is refused as a whole, 422.

    More than 100 become an operation: 202. Its `result` is the report, as far as it has come,
    without the tasks; an atomic one is carried out in one commit, or fails with `batch-refused`.
    One `Undo-Token` takes all of it back, that of an operation once it has ended.
    """
    written, mode = json_body()["operations"], wanted["mode"]
    commands = commands_of(wanted["operations"], lambda _: random_id())
    bulk, place = services().bulk, workspace_id(workspace)
    if len(commands) > MAX_AT_ONCE:
        return begun(bulk.start(actor(), place, mode, commands, written))
    done = bulk.carry_out(actor(), place, mode, commands)
    return _worded(done.value), 200, undo_header(done.undo)


def _worded(report: Report) -> Report:
    """Return a report in the words of the caller's language."""
    return replace(report, results=tuple(map(_said, report.results)))


def _said(verdict: Verdict) -> Verdict:
    language = callers_language()
    if verdict.code is None or language.tag == ENGLISH:
        return verdict
    faults = tuple(replace(each, detail=language.worded(each)) for each in verdict.faults)
    return replace(verdict, detail=language.problems[verdict.code].means, faults=faults)
