"""Series in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump, validate, validates_schema

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import MAX_EXCEPTIONS, Start
from backend.recurrence.series import CatchUp, Mode, SeriesState
from backend.recurrence.template_schemas import TemplateFieldsSchema, TemplateSchema
from backend.recurrence.words import words_of
from backend.tasks.detail_schemas import DAY, TIME, ZONE, each_once
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, Text, camel

RULE = {"description": "An RFC 5545 RRULE value.", "example": "FREQ=WEEKLY;BYDAY=MO"}
REPEAT = {
    "description": "The rule in words, instead of `rule`. With `!` behind `every` it counts from "
    "completion. A time in it is that of the `start`, which says the same or none.",
    "example": "every 2 weeks on Monday",
}
SAID = {"type": "string", "description": "The rule in words."}
CATCH_UP = {
    "description": "What becomes of occurrences whose time passed while the one before was open, "
    "or in a pause. `skip`: the first to come has a task. `latest`: the last of them has one. "
    "`all`: each has, at its own time, or five minutes before its first reminder; a hundred that "
    "have passed at the most."
}
RDATES = {"description": "Keys of occurrences that come although the rule does not pick them."}
EXDATES = {"description": "Keys of occurrences that do not come."}
TASK_ID = {
    "description": "A task that becomes the first occurrence: what it has, and what is below it, "
    "is the template; where there is no `start`, it is when the task is due."
}
NEXT_AT = {
    "description": "When the next one not yet made comes; null when none does, in a pause, and "
    "where it counts from completion."
}
FOLLOWS = {"description": "The series this one was split from."}

FROM_THE_TASK = "The task of `taskId` has this already."
MISSING = "Missing data for required field."
TEMPLATE_FIELDS = frozenset(TemplateFieldsSchema().fields)


class StartSchema(CamelSchema):
    """The local day, time and zone that a rule counts from."""

    date = fields.String(required=True, metadata=DAY)
    time = fields.String(allow_none=True, load_default=None, metadata=TIME)
    tz = fields.String(required=True, metadata=ZONE)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Start:
        try:
            return Start.from_fields(data)
        except InvalidArgument as error:
            pointer = error.faults[0].pointer.rsplit("/", 1)[1]
            raise ValidationError(error.detail, pointer) from None

    @pre_dump
    def _fields(self, start: Start, **_: Any) -> dict[str, Any]:
        return start.to_fields()


def keys(metadata: dict[str, Any]) -> "fields.List[Any]":
    """Return the field of a list of keys of occurrences."""
    return fields.List(
        Text(32, shortest=1),
        validate=[validate.Length(max=MAX_EXCEPTIONS), each_once],
        metadata=metadata,
    )


class SeriesChangesSchema(TemplateFieldsSchema):
    """What may be changed of a series. Leave out what stays."""

    rule = Text(500, metadata=RULE)
    repeat = Text(500, shortest=1, metadata=REPEAT)
    start = fields.Nested(StartSchema)
    mode = fields.Enum(Mode, by_value=True)
    catch_up = fields.Enum(CatchUp, by_value=True, metadata=CATCH_UP)
    rdates = keys(RDATES)
    exdates = keys(EXDATES)

    @validates_schema
    def _one_rule(self, data: dict[str, Any], **_: Any) -> None:
        if "rule" in data and "repeat" in data:
            raise ValidationError("Send either `rule` or `repeat`.", "repeat")


class NewSeriesSchema(SeriesChangesSchema):
    """A task that comes again and again: a new one, or the one of `taskId`."""

    task_id = Id(metadata=TASK_ID)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        missing = {"rule"} if not data.keys() & {"rule", "repeat"} else set()
        if "task_id" not in data:
            missing |= {"title", "start"} - data.keys()
        elif taken := data.keys() & TEMPLATE_FIELDS:
            raise ValidationError({camel(name): [FROM_THE_TASK] for name in sorted(taken)})
        if missing:
            raise ValidationError({name: [MISSING] for name in sorted(missing)})


class SeriesSchema(CamelSchema):
    """A series."""

    id = fields.String()
    workspace_id = fields.String()
    template = fields.Nested(TemplateSchema)
    rule = fields.String(attribute="recurrence.rule.text")
    repeat = fields.Function(
        lambda series: words_of(series.recurrence.rule, series.mode), metadata=SAID
    )
    start = fields.Nested(StartSchema, attribute="recurrence.start")
    rdates = fields.List(fields.String(), attribute="recurrence.rdates", metadata=RDATES)
    exdates = fields.List(fields.String(), attribute="recurrence.exdates", metadata=EXDATES)
    mode = fields.Enum(Mode, by_value=True)
    catch_up = fields.Enum(CatchUp, by_value=True, metadata=CATCH_UP)
    state = fields.Enum(SeriesState, by_value=True)
    last_key = fields.String(metadata={"description": "The occurrence made last."})
    next_at = Instant(allow_none=True, metadata=NEXT_AT)
    paused_at = Instant(allow_none=True)
    follows = fields.String(allow_none=True, metadata=FOLLOWS)
    created_at = Instant()
    created_by = fields.String()
    updated_at = Instant()
    rev = fields.Integer()


class BegunSeriesSchema(SeriesSchema):
    """A series that has just begun, with the id of its first occurrence's task."""

    first_task_id = fields.String(attribute="latest_task_id")


class SeriesPageSchema(PageSchema):
    """A page of the series of a workspace."""

    items = fields.List(fields.Nested(SeriesSchema))
