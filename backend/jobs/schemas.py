"""Jobs and their runs in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from backend.jobs.handlers import JobScope
from backend.jobs.model import (
    LEAST_RUNTIME_S,
    MAX_NAME,
    MAX_RETRIES,
    MOST_RUNTIME_S,
    CatchUp,
    JobState,
    Overlap,
    RunOutcome,
)
from backend.jobs.schedule import (
    LEAST_EVERY_MIN,
    LONGEST_EXPRESSION,
    MOST_EVERY_MIN,
    ScheduleKind,
)
from backend.kit.wallclock import LONGEST_NAME
from backend.web.openapi.standalone import json_schema
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, OneOf, Text, Whole

MOST_REHEARSED = 100
ZONE = {"description": "An IANA time zone.", "example": "Europe/Berlin"}
EXPRESSION = {
    "description": "Minute, hour, day of month, month, day of week, in local time of `tz`.",
    "example": "30 6 * * MON-FRI",
}
NO_EXPRESSION = "Five fields as in cron: minute, hour, day of month, month, day of week."
LOCAL = {"description": "A local date and time of `tz`.", "example": "2026-11-30T09:00"}
NO_LOCAL = "A local date and time is written like 2026-11-30T09:00."
HANDLER = {
    "description": "The name of what it does, from `jobs:handlers`.",
    "example": "emptyTrash",
}
ARGUMENTS = {"description": "What the handler takes: see `arguments` of `jobs:handlers`."}
OVERLAP = {"description": "What happens if the run before is still at work."}
CATCH_UP = {"description": "What happens to runs that nothing could start in time."}
TRIGGERED = {"description": "`schedule`, or the uid of who ran it, or filled it in."}
MISSED = {
    "description": "All slots from its own up to this one were missed, and share this record, also "
    "once its own is run after all; null: it stands for its own."
}
RESULT = {
    "description": "What came of it. Of `createTask`: `taskId`, and where somebody whom its "
    "arguments name has left by then, `leftOut` with their uids, by list."
}
ERROR = {"description": "A code of what went wrong; null where nothing did."}
NEXT = {"description": "When it runs next, five times at the most. None while it is paused."}


def _kind(kind: ScheduleKind) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf([kind.value]))


class _WantedScheduleSchema(CamelSchema):
    @post_load
    def _read(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "kind": ScheduleKind(data["kind"])}


class CronScheduleSchema(_WantedScheduleSchema):
    """By a cron expression."""

    kind = _kind(ScheduleKind.CRON)
    expression = Text(
        LONGEST_EXPRESSION, shortest=9, required=True, metadata=EXPRESSION, refusal=NO_EXPRESSION
    )
    tz = Text(LONGEST_NAME, shortest=1, load_default="UTC", metadata=ZONE)


class IntervalScheduleSchema(_WantedScheduleSchema):
    """Every so many minutes from now on, whatever clocks do."""

    kind = _kind(ScheduleKind.INTERVAL)
    every_minutes = Whole(
        required=True, validate=validate.Range(min=LEAST_EVERY_MIN, max=MOST_EVERY_MIN)
    )


class OnceScheduleSchema(_WantedScheduleSchema):
    """Once."""

    kind = _kind(ScheduleKind.ONCE)
    at = Text(16, shortest=16, required=True, metadata=LOCAL, refusal=NO_LOCAL)
    tz = Text(LONGEST_NAME, shortest=1, load_default="UTC", metadata=ZONE)


class ScheduleSchema(CamelSchema):
    """When a job runs. What its kind does not have is null."""

    kind = fields.Enum(ScheduleKind, by_value=True)
    expression = fields.String(allow_none=True, metadata=EXPRESSION)
    every_minutes = fields.Integer(allow_none=True)
    since = Instant(allow_none=True, metadata={"description": "What an interval counts from."})
    at = fields.String(allow_none=True, metadata=LOCAL)
    tz = fields.String(metadata=ZONE)


SCHEDULES = {
    "cron": CronScheduleSchema(),
    "interval": IntervalScheduleSchema(),
    "once": OnceScheduleSchema(),
}


def _runtime(**options: Any) -> Whole:
    return Whole(validate=validate.Range(LEAST_RUNTIME_S, MOST_RUNTIME_S), **options)


def _retries(**options: Any) -> Whole:
    description = {"description": "How often a run is tried again after a passing failure."}
    return Whole(validate=validate.Range(0, MAX_RETRIES), metadata=description, **options)


class JobChangesSchema(CamelSchema):
    """What may be changed of a job. Leave out what stays; a schedule is replaced as a whole."""

    name = Text(MAX_NAME, shortest=1)
    arguments = fields.Dict(keys=fields.String(), metadata=ARGUMENTS)
    schedule = OneOf("kind", SCHEDULES)
    overlap = fields.Enum(Overlap, by_value=True, metadata=OVERLAP)
    max_runtime_s = _runtime()
    retries = _retries()
    catch_up = fields.Enum(CatchUp, by_value=True, metadata=CATCH_UP)


class NewJobSchema(CamelSchema):
    """A new job."""

    name = Text(MAX_NAME, shortest=1, required=True)
    handler = Text(64, shortest=1, required=True, metadata=HANDLER)
    arguments = fields.Dict(keys=fields.String(), load_default=dict, metadata=ARGUMENTS)
    schedule = OneOf("kind", SCHEDULES, required=True)
    overlap = fields.Enum(Overlap, by_value=True, load_default=Overlap.SKIP, metadata=OVERLAP)
    max_runtime_s = _runtime(load_default=3600)
    retries = _retries(load_default=3)
    catch_up = fields.Enum(CatchUp, by_value=True, load_default=CatchUp.LATEST, metadata=CATCH_UP)


class LastRunSchema(CamelSchema):
    """How the run that ended last went."""

    run_id = fields.String()
    slot = Instant()
    outcome = fields.Enum(RunOutcome, by_value=True)
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)


class JobSchema(CamelSchema):
    """A job."""

    id = fields.String()
    workspace_id = fields.String(allow_none=True)
    name = fields.String()
    handler = fields.String(metadata=HANDLER)
    arguments = fields.Dict(keys=fields.String(), metadata=ARGUMENTS)
    schedule = fields.Nested(ScheduleSchema)
    overlap = fields.Enum(Overlap, by_value=True, metadata=OVERLAP)
    max_runtime_s = fields.Integer()
    retries = fields.Integer()
    catch_up = fields.Enum(CatchUp, by_value=True, metadata=CATCH_UP)
    state = fields.Enum(JobState, by_value=True)
    is_built_in = fields.Boolean()
    next_run_at = Instant(allow_none=True)
    next_runs = fields.List(Instant(), metadata=NEXT)
    current_run_id = fields.String(
        attribute="current", allow_none=True, metadata={"description": "The run at work."}
    )
    waiting_runs = fields.Integer(metadata={"description": "How many runs wait behind it."})
    last_run = fields.Nested(LastRunSchema, allow_none=True)
    created_at = Instant()
    created_by = fields.String()
    updated_at = Instant()
    rev = fields.Integer()


class JobPageSchema(PageSchema):
    """A page of jobs."""

    items = fields.List(fields.Nested(JobSchema))


class JobRunSchema(CamelSchema):
    """A run of a job."""

    id = fields.String()
    job_id = fields.String()
    handler = fields.String(metadata=HANDLER)
    arguments = fields.Dict(keys=fields.String(), metadata=ARGUMENTS)
    slot = Instant(metadata={"description": "The instant it is for."})
    outcome = fields.Enum(RunOutcome, by_value=True)
    triggered_by = fields.String(metadata=TRIGGERED)
    created_at = Instant()
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    items = fields.Integer(metadata={"description": "How much it did."})
    result = fields.Dict(keys=fields.String(), metadata=RESULT)
    error = fields.String(allow_none=True, metadata=ERROR)
    attempt = fields.Integer(metadata={"description": "From 1; each retry is one more."})
    missed_until = Instant(allow_none=True, metadata=MISSED)


class JobRunPageSchema(PageSchema):
    """A page of the runs of a job."""

    items = fields.List(fields.Nested(JobRunSchema))


class JobRunsSchema(CamelSchema):
    """Runs that a back-fill has begun or lined up."""

    items = fields.List(fields.Nested(JobRunSchema))


class AheadSchema(CamelSchema):
    """How many runs to look ahead."""

    count = Whole(load_default=10, validate=validate.Range(1, MOST_REHEARSED))


class RunTimesSchema(CamelSchema):
    """When a job would run."""

    items = fields.List(Instant())


class BackfillSchema(CamelSchema):
    """The slots to be run, both ends included."""

    since = Instant(required=True, data_key="from")
    until = Instant(required=True, data_key="to")

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["since"] > data["until"]:
            raise ValidationError("`from` must not lie after `to`.", "from")


class JobHandlerSchema(CamelSchema):
    """Something jobs can do."""

    name = fields.String(metadata=HANDLER)
    scope = fields.Enum(JobScope, by_value=True)
    arguments = fields.Function(
        lambda handler: json_schema(handler.arguments),
        metadata={"type": "object", "description": "A JSON Schema of its arguments."},
    )


class JobHandlersSchema(CamelSchema):
    """Everything that jobs can do."""

    items = fields.List(fields.Nested(JobHandlerSchema))
