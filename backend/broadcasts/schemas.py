"""Broadcasts in JSON."""

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from backend.accounts.model import MAX_LOCALE, Platform
from backend.broadcasts.documents import Reached
from backend.broadcasts.model import (
    BESIDES_INBOX,
    FALLBACK,
    LONGEST_BODY,
    LONGEST_LINK,
    LONGEST_TITLE,
    MOST_NAMED,
    MOST_PER_MINUTE,
    MOST_TEXTS,
    USUAL_PER_MINUTE,
    BroadcastState,
    Message,
    People,
    Segment,
    written,
)
from backend.notifications.model import Channel, Verdict
from backend.tasks.detail_schemas import each_once
from backend.templating.values import link_to
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, Keyed, Text, Whole

LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ADDRESS = re.compile(r"(/|/[^/\s\\]\S*|https://[^\s/]\S*)")
LANGUAGE = {"description": "A language, or a locale: `de` is `de-AT` too.", "example": "de"}
COUNTS = {"description": "How many, by channel and by what was decided or became of it."}
OUTCOMES = {
    "description": (
        "How many, by channel and by `decision`, once all were told a quarter of an hour ago; null "
        "before. `gone`: deleted since."
    )
}
NAMED = {"description": "By uid: these people, and nobody else. It stands alone, but for `locale`."}


def _locale(**options: Any) -> Text:
    is_one = validate.Regexp(f"^{LOCALE.pattern}$", error="A locale is written like `de-AT`.")
    return Text(MAX_LOCALE, shortest=2, validate=[is_one], **options)


def _can_be_mailed(link: str) -> None:
    try:
        link_to(link)
    except ValueError as error:
        raise ValidationError("An address is written in ASCII, and names nobody.") from error


class BroadcastSegmentSchema(CamelSchema):
    """Whom a broadcast is for: whoever meets all that is said here. Nothing said: everybody."""

    people = fields.Enum(People, by_value=True, load_default=People.ALL)
    locale = _locale(load_default=None, allow_none=True, metadata=LANGUAGE)
    platform = fields.Enum(
        Platform,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "Those with a device of this kind."},
    )
    active_since = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "Those with a device that was seen since."},
    )
    workspace_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The members of a workspace. Devices are not asked for then."},
    )
    audience = fields.List(
        Id(),
        load_default=(),
        validate=[validate.Length(max=MOST_NAMED), each_once],
        metadata=NAMED,
    )

    @validates_schema
    def _goes_together(self, data: dict[str, Any], **_: Any) -> None:
        devices = [name for name in ("platform", "active_since") if data[name] is not None]
        if data["audience"] and (devices or data["workspace_id"] is not None):
            raise ValidationError("People who are named stand alone, but for `locale`.", "audience")
        if devices and data["workspace_id"] is not None:
            raise ValidationError("Members are not looked for by their devices.", "workspaceId")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Segment:
        locale = written(data["locale"]) if data["locale"] else None
        return Segment(**{**data, "locale": locale, "audience": tuple(sorted(data["audience"]))})


class AnnouncementSchema(CamelSchema):
    """What is said in one language."""

    title = Text(LONGEST_TITLE, shortest=1, required=True)
    body = Text(LONGEST_BODY, shortest=1, required=True, lines=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Message:
        return Message(**data)


class NewBroadcastSchema(CamelSchema):
    """What is to be said, and to whom."""

    segment = fields.Nested(BroadcastSegmentSchema, load_default=Segment)
    texts = Keyed(
        keys=_locale(),
        values=fields.Nested(AnnouncementSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_TEXTS),
        metadata={
            "description": f"By language; `{FALLBACK}` is for all who read none of the others."
        },
    )
    link = Text(
        LONGEST_LINK,
        load_default="/",
        validate=[
            validate.Regexp(f"^{ADDRESS.pattern}$", error="A path, or an https address."),
            _can_be_mailed,
        ],
        metadata={"description": "What it opens: a path in the app, or an https address."},
    )
    channels = fields.List(
        fields.Enum(Channel, by_value=True, validate=validate.OneOf(BESIDES_INBOX)),
        load_default=BESIDES_INBOX,
        validate=[validate.Length(max=len(BESIDES_INBOX)), each_once],
        metadata={"description": "How it goes out besides the inbox: `push`, `email`."},
    )
    per_minute = Whole(
        load_default=USUAL_PER_MINUTE,
        validate=validate.Range(1, MOST_PER_MINUTE),
        metadata={"description": "How many people are told in a minute, at the most."},
    )

    @validates_schema
    def _can_be_read(self, data: dict[str, Any], **_: Any) -> None:
        if FALLBACK not in data["texts"]:
            raise ValidationError(f"`{FALLBACK}` is missing: it is for all others.", "texts")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "channels": tuple(data["channels"])}


class BroadcastSchema(CamelSchema):
    """A broadcast."""

    id = fields.String(metadata={"description": "Of its operation, too."})
    state = fields.Enum(
        BroadcastState,
        by_value=True,
        metadata={"description": "`counting`: all are told, and what became of it is counted."},
    )
    segment = fields.Nested(BroadcastSegmentSchema)
    texts = fields.Dict(keys=fields.String(), values=fields.Nested(AnnouncementSchema))
    link = fields.String()
    channels = fields.List(fields.Enum(Channel, by_value=True))
    per_minute = fields.Integer()
    expected = fields.Integer(
        metadata={"description": "How many there were to be when it began, at the most."}
    )
    told = fields.Integer()
    left_out = fields.Integer(
        metadata={"description": "How many were named, but have no account that can be used."}
    )
    outcomes = fields.Dict(keys=fields.String(), allow_none=True, metadata=OUTCOMES)
    created_by = fields.String()
    created_at = Instant()
    updated_at = Instant()
    ended_at = Instant(allow_none=True)
    rev = fields.Integer()


class BroadcastPageSchema(PageSchema):
    """A page of broadcasts."""

    items = fields.List(fields.Nested(BroadcastSchema))


class BroadcastSampleSchema(CamelSchema):
    """What somebody of a language would read."""

    locale = fields.String()
    title = fields.String()
    body = fields.String()


class BroadcastPreviewSchema(CamelSchema):
    """What a broadcast would be."""

    expected = fields.Integer(metadata={"description": "How many people it is for."})
    is_exact = fields.Boolean(
        metadata={
            "description": "Else it is so many at the most: somebody with two devices counts twice."
        }
    )
    samples = fields.List(fields.Nested(BroadcastSampleSchema))
    tried = fields.Integer(
        metadata={"description": "So many of them were looked at, as if they were told now."}
    )
    outcomes = fields.Dict(keys=fields.String(), metadata=COUNTS)
    languages = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "How many of those tried would read which text."},
    )


class ReachedBySchema(CamelSchema):
    """What was decided by one channel, and what became of it."""

    decision = fields.Enum(Verdict, by_value=True, attribute="verdict")
    reason = fields.String()
    attempts = fields.Integer()
    at = Instant()


class RecipientSchema(CamelSchema):
    """Somebody whom a broadcast was for."""

    uid = fields.String(attribute="recipient.uid")
    reached = fields.Enum(Reached, by_value=True, attribute="recipient.reached")
    notification_id = fields.String(attribute="recipient.notification_id", allow_none=True)
    at = Instant(attribute="recipient.at")
    decisions = fields.Dict(
        keys=fields.Enum(Channel, by_value=True),
        values=fields.Nested(ReachedBySchema),
        metadata={"description": "By channel, as it is now; none where the person deleted it."},
    )


class RecipientPageSchema(PageSchema):
    """A page of those a broadcast was for, as their turn came."""

    items = fields.List(fields.Nested(RecipientSchema))
