"""Snoozing in JSON."""

from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from backend.tasks.details import MAX_MINUTES_BEFORE
from backend.web.schemas import CamelSchema, Instant, Whole

UNTIL = {"description": "When to be reminded; in the future.", "example": "2026-11-27T08:00:00Z"}
MINUTES = {"description": "In how many minutes, instead of `until`; 30 days at most."}


class SnoozeSchema(CamelSchema):
    """Until when to put off being reminded: `until` or `minutes`."""

    until = Instant(metadata=UNTIL)
    minutes = Whole(validate=validate.Range(1, MAX_MINUTES_BEFORE), metadata=MINUTES)

    @validates_schema
    def _one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Say either `until` or `minutes`.")
