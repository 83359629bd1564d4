"""Occurrences of a series in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from backend.recurrence.occurrences import Scope
from backend.recurrence.schemas import CATCH_UP, REPEAT, RULE, StartSchema
from backend.recurrence.series import CatchUp, Mode, OccurrenceState
from backend.recurrence.template_schemas import OccurrenceFieldsSchema, TemplateSchema
from backend.tasks.detail_schemas import DAY, TIME, DueSchema
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Text

SCOPE = {
    "description": "`this` one alone; this and `following` ones, which become a series of their "
    "own; or `all` that are still to be done."
}
MOVED_DAY = {**DAY, "description": "Another local day for it."}
MOVED_TIME = {**TIME, "description": "Another local time for it; null: all day."}
SCHEDULED_AT = {"description": "When the rule has it come, whenever it is due by now."}
CHANGES = {
    "description": "What somebody has changed of one that has no task yet: fields of a task, and "
    "`due`."
}
AFTER = {"description": "The key of the one whose end it follows; null: it follows none."}
THROUGH = {"description": "Of a long run that was missed: the key of its last one."}


class OccurrenceChangesSchema(OccurrenceFieldsSchema):
    """What may be changed of an occurrence, and of those that follow. Leave out what stays."""

    date = fields.String(metadata=MOVED_DAY)
    time = fields.String(allow_none=True, metadata=MOVED_TIME)
    rule = Text(500, metadata=RULE)
    repeat = Text(500, shortest=1, metadata=REPEAT)
    start = fields.Nested(StartSchema)
    mode = fields.Enum(Mode, by_value=True)
    catch_up = fields.Enum(CatchUp, by_value=True, metadata=CATCH_UP)

    @validates_schema
    def _one_rule(self, data: dict[str, Any], **_: Any) -> None:
        if "rule" in data and "repeat" in data:
            raise ValidationError("Send either `rule` or `repeat`.", "repeat")
        if "start" in data and data.keys() & {"date", "time"}:
            raise ValidationError("Send either `start` or `date` and `time`.", "start")


class ScopeSchema(CamelSchema):
    """Which occurrences a change is about."""

    scope = fields.Enum(Scope, by_value=True, load_default=Scope.THIS, metadata=SCOPE)


class PlannedSchema(TemplateSchema):
    """What somebody has changed of an occurrence that had no task yet: only that is there."""

    class Meta:
        exclude = ("subtasks",)

    due = fields.Nested(DueSchema)

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let each field be one that not every answer has."""
        super().on_bind_field(field_name, field_obj)
        field_obj.metadata = {**field_obj.metadata, "x-optional": True}


class OccurrenceSchema(CamelSchema):
    """An occurrence of a series."""

    series_id = fields.String()
    key = fields.String()
    scheduled_at = Instant(metadata=SCHEDULED_AT)
    state = fields.Enum(OccurrenceState, by_value=True)
    task_id = fields.String(allow_none=True)
    completed_at = Instant(allow_none=True)
    after = fields.String(allow_none=True, metadata=AFTER)
    through = fields.String(allow_none=True, metadata=THROUGH)
    changes = fields.Nested(PlannedSchema, allow_none=True, metadata=CHANGES)


class OccurrencePageSchema(PageSchema):
    """A page of the occurrences of a series, the last first."""

    items = fields.List(fields.Nested(OccurrenceSchema))
