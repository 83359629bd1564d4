"""Deliveries in JSON: who, what and when, and never what was said."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, validate

from backend.deliveries.model import Backlog, DeliveryRef, Redriven
from backend.notifications.model import Channel, Verdict
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Id, Instant

MOST_REDRIVEN = 100
REASON = {"description": "Why: a word, or the outcomes of the devices."}


class DeliveriesQuerySchema(PageArguments):
    """Which deliveries, the latest first."""

    decision = fields.Enum(
        Verdict,
        by_value=True,
        load_default=Verdict.FAILED,
        metadata={"description": "What became of them."},
    )


class DeliverySchema(CamelSchema):
    """What was decided about a notification by one channel, and what became of it."""

    uid = fields.String(attribute="ref.uid")
    notification_id = fields.String(attribute="ref.notification_id")
    channel = fields.Enum(Channel, by_value=True, attribute="ref.channel")
    decision = fields.Enum(Verdict, by_value=True, attribute="decision.verdict")
    reason = fields.String(attribute="decision.reason", metadata=REASON)
    attempts = fields.Integer(attribute="decision.attempts")
    at = Instant(attribute="decision.at")
    until = Instant(
        attribute="decision.until",
        allow_none=True,
        metadata={"description": "When it goes on, if it waits for that."},
    )


class DeliveryPageSchema(PageSchema):
    """A page of deliveries."""

    items = fields.List(fields.Nested(DeliverySchema))


class DeliveryRefSchema(CamelSchema):
    """One delivery."""

    uid = Id(required=True)
    notification_id = Id(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> DeliveryRef:
        return DeliveryRef(**data)


class RedriveSchema(CamelSchema):
    """What is to be tried once more."""

    deliveries = fields.List(
        fields.Nested(DeliveryRefSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_REDRIVEN),
    )


class RedrivenSchema(CamelSchema):
    """What became of the wish."""

    uid = fields.String()
    notification_id = fields.String()
    channel = fields.Enum(Channel, by_value=True)
    outcome = fields.Enum(
        Redriven,
        by_value=True,
        metadata={
            "description": "`left`: it has not failed. `gone`: there is no such notification."
        },
    )


class RedrivenListSchema(CamelSchema):
    """What became of each, in the order asked for."""

    items = fields.List(fields.Nested(RedrivenSchema))


class BacklogSchema(CamelSchema):
    """How many, and since when the oldest."""

    count = fields.Integer()
    oldest_at = Instant(allow_none=True)
    oldest_age_s = fields.Float(metadata={"description": "In seconds; 0 where there is none."})


class DeliveryHealthSchema(CamelSchema):
    """How deliveries are."""

    at = Instant()
    pending = fields.Nested(
        BacklogSchema, metadata={"description": "On their way; by when they were to go."}
    )
    waiting = fields.Integer(
        metadata={"description": "Held for quiet hours, or mails that are not due: all is well."}
    )
    late = fields.Nested(
        BacklogSchema,
        metadata={"description": "Held for quiet hours that are over; by when they ended."},
    )
    failed = fields.Integer(metadata={"description": "In the last 24 hours."})
    throttled = fields.Integer(metadata={"description": "In the last 24 hours."})


def backlog(found: Backlog, at: Any) -> Mapping[str, Any]:
    """Return a backlog with its age."""
    return {"count": found.count, "oldest_at": found.oldest_at, "oldest_age_s": found.age_s(at)}
