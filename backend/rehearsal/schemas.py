"""Rehearsals in JSON."""

from marshmallow import fields

from backend.rehearsal.model import EffectKind
from backend.web.schemas import CamelSchema, Instant, Text


class SpanSchema(CamelSchema):
    """From when to when."""

    since = Instant(
        data_key="from",
        load_default=None,
        allow_none=True,
        metadata={"description": "Not before now, which it is where it is left out."},
    )
    until = Instant(
        data_key="to",
        required=True,
        metadata={"description": "At most 366 days ahead."},
    )


class RehearsalSchema(SpanSchema):
    """From when to when, and of which workspace."""

    workspace_id = Text(
        128, shortest=1, load_default="me", metadata={"description": "`me` is your own."}
    )


class EffectSchema(CamelSchema):
    """One thing that would happen."""

    kind = fields.Enum(EffectKind, by_value=True)
    at = Instant()
    workspace_id = fields.String(allow_none=True)
    task_id = fields.String(allow_none=True)
    series_id = fields.String(allow_none=True)
    occurrence_key = fields.String(allow_none=True)
    job_id = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    people = fields.List(
        fields.String(), metadata={"description": "Who would be told of it, or whose it is."}
    )


class RehearsedSchema(CamelSchema):
    """What would happen, in order."""

    since = Instant(data_key="from", attribute="span.since")
    until = Instant(
        data_key="to", metadata={"description": "How far it came: asked on from there for more."}
    )
    is_complete = fields.Boolean()
    items = fields.List(fields.Nested(EffectSchema), attribute="effects")
