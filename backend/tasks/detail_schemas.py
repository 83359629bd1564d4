"""Parts of a task in JSON: its priority, due date, reminders, checklist, and lists of ids."""

from dataclasses import asdict
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump, validate

from backend.kit.errors import InvalidArgument
from backend.kit.ranks import PATTERN as RANK
from backend.kit.ranks import is_rank
from backend.tasks.details import (
    MAX_ITEM_TEXT,
    MAX_MINUTES_BEFORE,
    Anchor,
    ChecklistItem,
    Reminder,
    ReminderKind,
)
from backend.tasks.due import Due, DueKind, DuePatch
from backend.tasks.model import Priority
from backend.web.schemas import CamelSchema, Flag, Id, Instant, Text, Whole

PRIORITIES = [priority.name.lower() for priority in Priority]


class PriorityName(fields.String):
    """A priority by its name; stored as a number, so that it sorts by urgency."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"enum": PRIORITIES}, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return Priority(value).name.lower()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in PRIORITIES:
            raise ValidationError(f"Must be one of: {', '.join(PRIORITIES)}.")
        return Priority[name.upper()]


class RankText(fields.String):
    """A place in an order: compared as a string."""

    def __init__(self, **options: Any) -> None:
        pattern = f"^{RANK.pattern}$"
        super().__init__(
            validate=_is_rank, metadata={"pattern": pattern, "example": "V"}, **options
        )


KIND = {
    "description": "`allDay`: the whole day, without `time`. `floating`: `time` wherever one is. "
    "`zoned`: that instant."
}
DAY = {"description": "A local day, 1970 to 2100.", "format": "date", "example": "2026-11-20"}
TIME = {
    "description": "A local time.",
    "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    "example": "09:00",
}
ZONE = {"description": "An IANA time zone.", "example": "Europe/Berlin"}


class DueSchema(CamelSchema):
    """When a task is due, as a person means it."""

    kind = fields.Enum(DueKind, by_value=True, required=True, metadata=KIND)
    date = fields.String(required=True, metadata=DAY)
    time = fields.String(allow_none=True, load_default=None, metadata=TIME)
    tz = fields.String(required=True, metadata=ZONE)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Due:
        try:
            return Due.from_fields(data)
        except InvalidArgument as error:
            pointer = error.faults[0].pointer.removeprefix("/due").strip("/")
            raise ValidationError(error.detail, pointer or "_schema") from None

    @pre_dump
    def _fields(self, due: Due, **_: Any) -> dict[str, Any]:
        return {**due.to_fields(), "kind": due.kind}


class DueChangesSchema(CamelSchema):
    """What changes of a due date (RFC 7396): what is left out stays."""

    kind = fields.Enum(DueKind, by_value=True, metadata=KIND)
    date = fields.String(metadata=DAY)
    time = fields.String(allow_none=True, metadata=TIME)
    tz = fields.String(metadata=ZONE)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> DuePatch:
        return DuePatch(data)


def each_once(values: list[Any]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("Name each once.")


def ids(longest: int, **options: Any) -> "fields.List[Any]":
    """Return the field of a list of ids, each once."""
    return fields.List(Id(), validate=[validate.Length(max=longest), each_once], **options)


def people(longest: int, **options: Any) -> "fields.List[Any]":
    """Return the field of a list of uids, each once."""
    return ids(longest, **options)


REMINDER_KIND = {
    "description": "`relative`: so many minutes before the task is due or begins, `minutesBefore`. "
    "`absolute`: at an instant, `at`."
}
ANCHOR = {
    "description": "Of a relative one: what its minutes are before, the `due` date or the `start`; "
    "`due` if left out."
}
WHOM = {
    "description": "Whom alone it is for; null or left out: those who should do the task by then."
}


class ReminderSchema(CamelSchema):
    """When to remind people of a task."""

    kind = fields.Enum(ReminderKind, by_value=True, required=True, metadata=REMINDER_KIND)
    minutes_before = Whole(
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, MAX_MINUTES_BEFORE),
        metadata={"description": "Of a relative one: minutes, at most 30 days.", "example": 30},
    )
    at = Instant(
        allow_none=True,
        load_default=None,
        metadata={"description": "Of an absolute one.", "example": "2026-11-27T08:00:00Z"},
    )
    anchor = fields.Enum(Anchor, by_value=True, allow_none=True, load_default=None, metadata=ANCHOR)
    uid = Id(allow_none=True, load_default=None, metadata=WHOM)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Reminder:
        values = {
            "at": data["at"],
            "minutesBefore": data["minutes_before"],
            "anchor": data["anchor"],
        }
        own, *others = ("at", "minutesBefore", "anchor")
        if data["kind"] is ReminderKind.RELATIVE:
            own, *others = ("minutesBefore", "at")
        if values[own] is None:
            raise ValidationError(f"A reminder of this kind has `{own}`.", own)
        for other in others:
            if values[other] is not None:
                raise ValidationError(f"A reminder of this kind has no `{other}`.", other)
        anchor = data["anchor"] or Anchor.DUE
        return Reminder(data["kind"], data["minutes_before"], data["at"], anchor, data["uid"])

    @pre_dump
    def _fields(self, reminder: Reminder, **_: Any) -> dict[str, Any]:
        is_relative = reminder.kind is ReminderKind.RELATIVE
        return {**asdict(reminder), "anchor": reminder.anchor if is_relative else None}


class ChecklistItemSchema(CamelSchema):
    """A line to tick off."""

    id = Id(
        required=True,
        metadata={"description": "Chosen by the app, and unique in the task.", "example": "i1"},
    )
    text = Text(MAX_ITEM_TEXT, shortest=1, required=True)
    is_done = Flag(load_default=False)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> ChecklistItem:
        return ChecklistItem(data["id"], data["text"], data["is_done"])


def ids_of_their_own(items: list[ChecklistItem]) -> None:
    """Refuse a checklist of which two items have the same id."""
    if len({item.id for item in items}) < len(items):
        raise ValidationError("Give each item an id of its own.")


def _is_rank(text: str) -> None:
    if not is_rank(text):
        raise ValidationError("A rank has 1 to 64 digits and letters.")
