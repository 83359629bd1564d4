"""Series in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import Start
from backend.recurrence.series import Mode, SeriesState
from backend.tasks.detail_schemas import DAY, TIME, ZONE, PriorityName, people
from backend.tasks.model import MAX_ASSIGNEES, MAX_DESCRIPTION, MAX_TITLE, MAX_WATCHERS, Priority
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Text


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


class NewSeriesSchema(CamelSchema):
    """A task that comes again and again."""

    title = Text(MAX_TITLE, shortest=1, required=True)
    description = Text(MAX_DESCRIPTION, lines=True, load_default="")
    priority = PriorityName(load_default=Priority.NONE)
    assignee_ids = people(MAX_ASSIGNEES, load_default=())
    watcher_ids = people(MAX_WATCHERS, load_default=())
    rule = Text(
        500,
        required=True,
        metadata={"description": "An RFC 5545 RRULE value.", "example": "FREQ=WEEKLY;BYDAY=MO"},
    )
    start = fields.Nested(StartSchema, required=True)
    mode = fields.Enum(Mode, by_value=True, load_default=Mode.FIXED)


class TemplateSchema(CamelSchema):
    """What each task of a series starts with."""

    title = fields.String()
    description = fields.String()
    priority = PriorityName()
    assignee_ids = fields.List(fields.String())
    watcher_ids = fields.List(fields.String())


class SeriesSchema(CamelSchema):
    """A series."""

    id = fields.String()
    workspace_id = fields.String()
    template = fields.Nested(TemplateSchema)
    rule = fields.String(attribute="recurrence.rule.text")
    start = fields.Nested(StartSchema, attribute="recurrence.start")
    mode = fields.Enum(Mode, by_value=True)
    state = fields.Enum(SeriesState, by_value=True)
    last_key = fields.String()
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
