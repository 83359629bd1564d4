"""Accounts and devices in JSON."""

import re

from marshmallow import ValidationError, fields, validate

from backend.accounts.model import (
    MAX_LOCALE,
    MAX_NAME,
    MAX_PHOTO_URL,
    MAX_TOKEN,
    Platform,
)
from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import LONGEST_NAME, zone
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Text, Whole

# BCP 47 by its form: a language, then what narrows it. As in firestore.rules.
LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# Apps load it, and nobody else does: no address of ours, and none that a password could hide in.
PHOTO_URL = re.compile(r"https://[^\s/?#@\\]+([/?#][^\s]*)?")


def _is_photo_url(text: str) -> None:
    if PHOTO_URL.fullmatch(text) is None:
        raise ValidationError("The address of a photo is written https://….")


def _is_locale(text: str) -> None:
    if LOCALE.fullmatch(text) is None:
        raise ValidationError('A locale is a BCP 47 tag, such as "de" or "pt-BR".')


def _is_zone(name: str) -> None:
    try:
        zone(name)
    except InvalidArgument as error:
        raise ValidationError(error.detail) from error


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
    expire_at = Instant(
        allow_none=True,
        metadata={"description": "When a guest's time is over and all of it is deleted."},
    )
    erase_at = Instant(
        allow_none=True,
        metadata={"description": "When all of it will be erased, as its owner asked for."},
    )
    created_at = Instant()
    updated_at = Instant()
    rev = fields.Integer()


class AccountChangesSchema(CamelSchema):
    """What may be changed of an account. Leave out what stays."""

    display_name = Text(MAX_NAME, shortest=1)
    photo_url = Text(
        MAX_PHOTO_URL,
        allow_none=True,
        validate=[_is_photo_url],
        metadata={"description": "An https address, or null.", "pattern": "^https://"},
    )
    locale = Text(
        MAX_LOCALE,
        validate=[_is_locale],
        metadata={"description": "A BCP 47 tag.", "example": "pt-BR"},
    )
    timezone = Text(
        LONGEST_NAME,
        validate=[_is_zone],
        metadata={"description": "An IANA zone.", "example": "Europe/Berlin"},
    )
    week_start = Whole(
        validate=validate.Range(min=1, max=7), metadata={"description": "ISO: 1 is Monday."}
    )


class RegistrationSchema(CamelSchema):
    """How one installation of the app is reached."""

    token = Text(
        MAX_TOKEN,
        shortest=1,
        required=True,
        metadata={"description": "The FCM registration token."},
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
