"""Events in JSON."""

from marshmallow import fields, validate

from backend.reactions.model import EventType
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Id, Instant

TYPES = [each.value for each in EventType]


class SubjectSchema(CamelSchema):
    """What something happened to."""

    kind = fields.String(metadata={"description": "`task` or `comment`."})
    id = fields.String()
    task_id = fields.String(
        allow_none=True, metadata={"description": "The task that a comment is about, else null."}
    )


class EventSchema(CamelSchema):
    """Something that happened. It names people and things by their ids alone."""

    id = fields.String()
    type = fields.String(metadata={"enum": TYPES})
    subject = fields.Nested(SubjectSchema)
    actor_uid = fields.String(metadata={"description": "Who did it; `system` is TaskFlow itself."})
    rev = fields.Integer(metadata={"description": "The revision that it is about."})
    at = Instant()


class EventPageSchema(PageSchema):
    """A page of events, the latest first."""

    items = fields.List(fields.Nested(EventSchema))


class EventQuerySchema(PageArguments):
    """Which events are asked for."""

    type = fields.String(
        validate=validate.OneOf(TYPES),
        metadata={"description": "One kind of event.", "example": "task.completed"},
    )
    subject = Id(metadata={"description": "What it happened to, by its id."})
