"""Accounts and devices in JSON."""

from marshmallow import fields

from backend.accounts.model import Platform
from backend.web.schemas import CamelSchema, Id, Instant, Text


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


class DeviceSchema(CamelSchema):
    """One installation of the app."""

    id = Id(dump_only=True)
    token = Text(4096, shortest=1, required=True, load_only=True)
    platform = fields.Enum(Platform, by_value=True, required=True)
    locale = Text(35, allow_none=True, load_default=None)
    timezone = Text(64, allow_none=True, load_default=None)
    last_seen_at = Instant(dump_only=True)
    disabled_at = Instant(dump_only=True, allow_none=True)


class DeviceListSchema(CamelSchema):
    """The caller's devices."""

    items = fields.List(fields.Nested(DeviceSchema))
