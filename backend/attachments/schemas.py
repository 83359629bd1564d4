"""Attachments in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_dump, post_load, pre_dump, validate

from backend.attachments.addresses import Shown
from backend.attachments.kinds import KINDS
from backend.attachments.model import MAX_NAME, MAX_SIZE, State, Wanted
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Text, Whole

# Characters that turn the direction of what follows: `photo\u202egnp.exe` ends in `exe.png`.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SEPARATING = frozenset("/\\")


def _is_bare(name: str) -> None:
    if SEPARATING & set(name) or TURNING & set(name):
        raise ValidationError("A name has no folders, and no characters that turn its direction.")


class NewAttachmentSchema(CamelSchema):
    """What is said of a file before it is sent."""

    name = Text(
        MAX_NAME,
        shortest=1,
        required=True,
        validate=[_is_bare],
        metadata={"description": "What it is called, with the ending of its type."},
    )
    content_type = fields.String(
        required=True,
        validate=validate.OneOf(sorted(KINDS)),
        metadata={"description": "Its type. Others are not taken."},
    )
    size = Whole(
        required=True,
        validate=validate.Range(1, MAX_SIZE),
        metadata={"description": "How many bytes it has, exactly."},
    )
    sha256 = fields.String(
        validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"),
        metadata={
            "description": "Its SHA-256, 64 small hex digits: a file spoilt on the way is refused."
        },
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Wanted:
        return Wanted(**data)


class AddressSchema(CamelSchema):
    """Where a file can be sent to, or fetched from, for a quarter of an hour."""

    method = fields.String(metadata={"description": "`PUT` or `GET`. No other one works."})
    url = fields.String()
    headers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What the request must carry, exactly as it stands here."},
    )
    expires_at = Instant()


class AttachmentSchema(CamelSchema):
    """An attachment."""

    id = fields.String()
    workspace_id = fields.String()
    task_id = fields.String()
    name = fields.String()
    content_type = fields.String()
    size = fields.Integer(metadata={"description": "In bytes."})
    sha256 = fields.String(
        allow_none=True, metadata={"description": "Of the file; before, what was announced."}
    )
    state = fields.Enum(State, by_value=True)
    uploaded_by = fields.String()
    created_at = Instant()
    updated_at = Instant()
    rev = fields.Integer()
    upload = fields.Nested(
        AddressSchema,
        metadata={
            "x-optional": True,
            "description": "Where to send it: for whoever announced it, while it is `pending`.",
        },
    )
    download = fields.Nested(
        AddressSchema,
        metadata={
            "x-optional": True,
            "description": "Where to fetch it, as a download, once it is `ready`; not in lists.",
        },
    )

    @pre_dump
    def _flatten(self, shown: Shown, **_: Any) -> dict[str, Any]:
        attachment = shown.attachment
        names = ("id", "name", "content_type", "size", "sha256", "state", "uploaded_by")
        stamps = ("created_at", "updated_at", "rev")
        return {
            **{name: getattr(attachment, name) for name in (*names, *stamps)},
            "workspace_id": attachment.ref.workspace_id,
            "task_id": attachment.ref.task_id,
            "upload": shown.upload,
            "download": shown.download,
        }

    @post_dump
    def _leave_out_what_is_none(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        for name in ("upload", "download"):
            if data[name] is None:
                del data[name]
        return data


class AttachmentPageSchema(PageSchema):
    """A page of attachments."""

    items = fields.List(fields.Nested(AttachmentSchema))
