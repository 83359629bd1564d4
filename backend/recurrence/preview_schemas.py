"""Previews in JSON."""

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, pre_dump, validate, validates_schema

from backend.recurrence.preview import MAX_PREVIEWED, Note, Previewed
from backend.recurrence.schemas import EXDATES, RDATES, REPEAT, RULE, SAID, StartSchema, keys
from backend.recurrence.series import Mode
from backend.tasks.detail_schemas import DueSchema
from backend.web.schemas import CamelSchema, Instant, QueryWhole, Text, Whole

COUNT = {"description": "How many occurrences at the most.", "example": 10}
MODE = {"description": "Left out: as `repeat` says, or `fixed`."}
DEFAULT_COUNT = 10
A_FEW = validate.Range(min=1, max=MAX_PREVIEWED)
OFFSET = {"description": "What the clocks of the series' zone show then, ahead of UTC."}
NOTE = {
    "description": "What clocks do here. `gap`: they skip this time, and the occurrence comes at "
    "the first instant after it. `fold`: they show it twice, and it comes once. `offsetChanged`: "
    "they have changed since the occurrence before."
}


class PreviewArguments(CamelSchema):
    """How much is previewed."""

    count = QueryWhole(load_default=DEFAULT_COUNT, validate=A_FEW, metadata=COUNT)


class WantedPreviewSchema(CamelSchema):
    """A rule, and where it starts."""

    rule = Text(500, metadata=RULE)
    repeat = Text(500, shortest=1, metadata=REPEAT)
    start = fields.Nested(StartSchema, required=True)
    mode = fields.Enum(Mode, by_value=True, metadata=MODE)
    rdates = keys(RDATES)
    exdates = keys(EXDATES)
    count = Whole(load_default=DEFAULT_COUNT, validate=A_FEW, metadata=COUNT)

    @validates_schema
    def _one_rule(self, data: dict[str, Any], **_: Any) -> None:
        if ("rule" in data) == ("repeat" in data):
            raise ValidationError("Send either `rule` or `repeat`.", "rule")


class PreviewedSchema(CamelSchema):
    """An occurrence to come."""

    key = fields.String()
    scheduled_at = Instant(metadata={"description": "When it starts."})
    due = fields.Nested(DueSchema)
    utc_offset = fields.String(metadata={**OFFSET, "example": "+02:00"})
    note = fields.Enum(Note, by_value=True, allow_none=True, metadata=NOTE)

    @pre_dump
    def _flat(self, previewed: Previewed, **_: Any) -> dict[str, Any]:
        found = previewed.occurrence
        return {
            "key": found.key,
            "scheduled_at": found.at,
            "due": found.due,
            "utc_offset": _written(previewed.utc_offset),
            "note": previewed.note,
        }


class PreviewSchema(CamelSchema):
    """The next occurrences, soonest first."""

    items = fields.List(fields.Nested(PreviewedSchema))


class RulePreviewSchema(PreviewSchema):
    """How a rule was read, and its first occurrences, soonest first."""

    rule = fields.String()
    repeat = fields.String(metadata=SAID)
    mode = fields.Enum(Mode, by_value=True)


def _written(offset: timedelta) -> str:
    seconds = round(offset.total_seconds())
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
