"""Notification settings in JSON."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_dump, validate

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import time_from_text
from backend.notifications.model import Category, Channel
from backend.notifications.preferences import (
    WEEKDAYS,
    Level,
    Preferences,
    preferences_fields,
)
from backend.notifications.settings_changes import LONGEST_BUNDLE_MINUTES, MOST_WORKSPACES
from backend.notifications.settings_service import NotificationSettings
from backend.web.schemas import CamelSchema, Flag, Id, Instant, Keyed, Whole

# Whoever takes an account over must not be able to silence what would tell its owner.
CHOSEN = tuple(category for category in Category if category is not Category.SECURITY)

MATRIX = {"description": "What goes out by which channel. Notices about security always do."}
QUIET = {
    "description": (
        "By the weekday on which the quiet begins, ISO: 1 is Monday; in the zone of the account."
    )
}
END = {"description": "On the next day where it is not later than `start`.", "example": "07:00"}
URGENT = {"description": "Whether what is urgent may break the quiet."}
BUNDLE = {
    "description": "How long what happens in one place is gathered into one notification. 0: never."
}
WEEKDAY = {"description": "ISO: 1 is Monday."}
DIGESTS = {
    "description": (
        "Summaries by e-mail, at the person's local time. Where both are set to one time, that of "
        "the week comes alone on its day."
    )
}
LEVELS = {
    "description": (
        "How much of a workspace, by its id; `all` where none is given. `mentions`: what is said "
        f"to the person, and what they asked for; `none`: only this. At most {MOST_WORKSPACES}."
    )
}


class LocalTime(fields.String):
    """A local time, to the minute: `07:30`."""

    def __init__(self, **options: Any) -> None:
        metadata = {"example": "07:30", **options.pop("metadata", {})}
        metadata["pattern"] = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return time_from_text(value, pointer="")
        except InvalidArgument as error:
            raise ValidationError(error.detail) from None


def _by_name(
    title: str, names: list[str], field: Callable[[], "fields.Field[Any]"]
) -> type[Schema]:
    """Return the schema of an object whose members are all alike."""
    return CamelSchema.from_dict({name: field() for name in names}, name=title)


CHANNELS, CATEGORIES = [each.value for each in Channel], [each.value for each in CHOSEN]
DAYS = [str(day) for day in WEEKDAYS]


class QuietSpanSchema(CamelSchema):
    """A time of quiet."""

    start = LocalTime(metadata={"example": "22:00"})
    end = LocalTime(metadata=END)


class WeeklySchema(CamelSchema):
    """A weekday and a local time."""

    day = Whole(validate=validate.Range(min=1, max=7), metadata=WEEKDAY)
    time = LocalTime()


class DigestsSchema(CamelSchema):
    """When summaries come; null: never."""

    daily = LocalTime(allow_none=True)
    weekly = fields.Nested(WeeklySchema, allow_none=True)


ChannelsSchema = _by_name("Channels", CHANNELS, fields.Boolean)
MatrixSchema = _by_name("Matrix", CATEGORIES, lambda: fields.Nested(ChannelsSchema))
QuietHoursSchema = _by_name(
    "QuietHours", DAYS, lambda: fields.Nested(QuietSpanSchema, metadata={"x-optional": True})
)


class QuietSpanChangesSchema(QuietSpanSchema):
    """What changes of a time of quiet."""


class WeeklyChangesSchema(WeeklySchema):
    """What changes of a weekday and a local time."""


class DigestsChangesSchema(DigestsSchema):
    """What changes of when summaries come."""

    weekly = fields.Nested(WeeklyChangesSchema, allow_none=True)


ChannelsChangesSchema = _by_name("ChannelsChanges", CHANNELS, lambda: Flag(allow_none=True))
MatrixChangesSchema = _by_name(
    "MatrixChanges", CATEGORIES, lambda: fields.Nested(ChannelsChangesSchema, allow_none=True)
)
QuietHoursChangesSchema = _by_name(
    "QuietHoursChanges", DAYS, lambda: fields.Nested(QuietSpanChangesSchema, allow_none=True)
)


class NotificationSettingsSchema(CamelSchema):
    """What somebody wants to be told of: what they have chosen, and the defaults of the rest."""

    matrix = fields.Nested(MatrixSchema, metadata=MATRIX)
    quiet_hours = fields.Nested(QuietHoursSchema, allow_none=True, metadata=QUIET)
    urgent_passes = fields.Boolean(metadata=URGENT)
    bundle_minutes = fields.Integer(metadata=BUNDLE)
    digests = fields.Nested(DigestsSchema, metadata=DIGESTS)
    workspaces = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf([each.value for each in Level])),
        metadata=LEVELS,
    )
    rev = fields.Integer(metadata={"description": "0 where nothing was ever chosen."})
    updated_at = Instant(allow_none=True)

    @pre_dump
    def _shown(self, settings: NotificationSettings, **_: Any) -> dict[str, Any]:
        stored = preferences_fields(settings.preferences)
        return {
            "matrix": _effective(settings.preferences),
            "quiet_hours": stored["quietHours"],
            "urgent_passes": stored["urgentPasses"],
            "bundle_minutes": stored["bundleMinutes"],
            "digests": stored["digests"],
            "workspaces": stored["workspaces"],
            "rev": settings.rev,
            "updated_at": settings.updated_at,
        }


class NotificationSettingsChangesSchema(CamelSchema):
    """What changes of it (RFC 7396): what is left out stays, null is the default again."""

    matrix = fields.Nested(MatrixChangesSchema, allow_none=True, metadata=MATRIX)
    quiet_hours = fields.Nested(QuietHoursChangesSchema, allow_none=True, metadata=QUIET)
    urgent_passes = Flag(allow_none=True, metadata=URGENT)
    bundle_minutes = Whole(
        validate=validate.Range(min=0, max=LONGEST_BUNDLE_MINUTES),
        allow_none=True,
        metadata=BUNDLE,
    )
    digests = fields.Nested(DigestsChangesSchema, allow_none=True, metadata=DIGESTS)
    workspaces = Keyed(
        keys=Id(),
        values=fields.Enum(Level, by_value=True, allow_none=True),
        allow_none=True,
        metadata=LEVELS,
    )


def _effective(preferences: Preferences) -> dict[str, dict[str, bool]]:
    return {
        category.value: {channel.value: preferences.is_on(category, channel) for channel in Channel}
        for category in CHOSEN
    }
