"""Notifications in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump

from backend.inbox.model import LONGEST_SNOOZE
from backend.notifications.model import Category, Channel, Decision, Verdict
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, QueryFlag

NOW = "`true`: now, unless it is already. `null`: not any more."
SNOOZED = (
    "Until then neither the badge nor the unread ones have it; then it comes back unread, and is "
    f"pushed again. `null`: it is back now. At the most {LONGEST_SNOOZE.days} days ahead."
)


class NowOrNever(fields.Field[Any]):
    """A mark that is set now, with true, or taken away, with null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value is not True:
            raise ValidationError("Must be true, or null.")
        return True


class MarksSchema(CamelSchema):
    """How a notification is marked. Leave out what stays."""

    read_at = NowOrNever(metadata={"type": "boolean", "description": NOW})
    archived_at = NowOrNever(metadata={"type": "boolean", "description": NOW})
    snoozed_until = Instant(allow_none=True, metadata={"description": SNOOZED})


class NotificationSchema(CamelSchema):
    """What somebody was told."""

    id = fields.String()
    category = fields.String(
        metadata={"description": "What it is about; there may be new ones.", "example": "comment"}
    )
    template = fields.String(metadata={"description": "What it was written with, `name@version`."})
    title = fields.String()
    body = fields.String()
    link = fields.String(metadata={"description": "A path in the app."})
    group_key = fields.String(metadata={"description": "What it has in common with others."})
    count = fields.Integer(metadata={"description": "How many changes it tells of."})
    actor_uid = fields.String()
    workspace_id = fields.String(allow_none=True)
    task_id = fields.String(allow_none=True)
    read_at = Instant(allow_none=True)
    archived_at = Instant(allow_none=True)
    snoozed_until = Instant(allow_none=True)
    is_unread = fields.Boolean(
        metadata={"description": "Whether the badge counts it: not read, archived or snoozed."}
    )
    created_at = Instant()
    updated_at = Instant()


class NotificationPageSchema(PageSchema):
    """A page of notifications."""

    items = fields.List(fields.Nested(NotificationSchema))


class NotificationQuerySchema(PageArguments):
    """Which notifications are asked for."""

    unread = QueryFlag(load_default=False, metadata={"description": "Only what the badge counts."})
    archived = QueryFlag(
        load_default=False,
        metadata={"description": "What is in the archive, instead of what is not."},
    )
    category = fields.Enum(
        Category,
        by_value=True,
        load_default=None,
        metadata={"description": "Only what is about this.", "example": "comment"},
    )


class DecisionSchema(CamelSchema):
    """Why a notification did, or did not, reach its person by one channel."""

    channel = fields.Enum(Channel, by_value=True)
    decision = fields.Enum(Verdict, by_value=True)
    reason = fields.String()
    setting = fields.String(
        allow_none=True,
        metadata={
            "description": "A JSON pointer (RFC 6901) to what decided in your notification "
            "settings; null where no setting did.",
            "example": "/matrix/comment/push",
        },
    )
    until = Instant(
        allow_none=True, metadata={"description": "When it goes on, such as after quiet hours."}
    )
    attempts = fields.Integer()
    at = Instant()
    devices = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What became of it on each of your devices, by their ids."},
    )

    @pre_dump
    def _flatten(self, pair: tuple[Channel, Decision], **_: Any) -> dict[str, Any]:
        channel, decision = pair
        names = ("reason", "setting", "until", "attempts", "at", "devices")
        told = {name: getattr(decision, name) for name in names}
        return {"channel": channel, "decision": decision.verdict, **told}


class DecisionPageSchema(PageSchema):
    """The decisions about a notification: one for each channel, on one page."""

    items = fields.List(fields.Nested(DecisionSchema))


class ClearedSchema(CamelSchema):
    """How far the marking of all notifications has come with the answer."""

    notifications = fields.Integer(metadata={"description": "How many have changed by now."})
    operation_id = fields.String(
        allow_none=True,
        metadata={
            "description": "What goes on with the rest, more than 400: `GET /operations/{id}`."
        },
    )


class DeviceHeaderSchema(CamelSchema):
    """On which device something was read."""

    device_id = Id(
        data_key="X-Device-Id",
        metadata={
            "description": "The id of the device in hand, as it was registered: it is not told to "
            "take off its screen what it has just marked itself."
        },
    )

    @post_load
    def _name(self, data: dict[str, Any], **_: Any) -> Any:
        return data.get("device_id")
