"""Accounts and devices in JSON."""

from marshmallow import fields

from backend.accounts.model import Platform
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Text


class AccountSchema(CamelSchema):
    """The caller's own account."""

    uid = fields.String()
    display_name = fields.String()
    photo_url = fields.String(allow_none=True)
    locale = fields.String()
    timezone = fields.String()
    week_start = fields.Integer()
    state = fields.String()
    is_guest = fields.Boolean()
    created_at = Instant()
    updated_at = Instant()
    rev = fields.Integer()


class RegistrationSchema(CamelSchema):
    """How one installation of the app is reached."""

    token = Text(
        4096, shortest=1, required=True, metadata={"description": "The FCM registration token."}
    )
    platform = fields.Enum(Platform, by_value=True, required=True)
    locale = Text(35, allow_none=True, load_default=None, metadata={"description": "A BCP 47 tag."})
    timezone = Text(
        64, allow_none=True, load_default=None, metadata={"description": "An IANA zone."}
    )


class DeviceSchema(CamelSchema):
    """One installation of the app."""

    id = fields.String()
    platform = fields.Enum(Platform, by_value=True)
    locale = fields.String(allow_none=True)
    timezone = fields.String(allow_none=True)
    last_seen_at = Instant()
    disabled_at = Instant(allow_none=True)


class DevicePageSchema(PageSchema):
    """The caller's devices: 20 at the most, on one page."""

    items = fields.List(fields.Nested(DeviceSchema))
