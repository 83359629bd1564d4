"""Tasks in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump, validate
from webargs.fields import DelimitedList

from backend.kit.errors import InvalidArgument
from backend.tasks.due import Due, DueKind, DuePatch
from backend.tasks.listing import TASK_LISTS
from backend.tasks.model import (
    MAX_ASSIGNEES,
    MAX_DESCRIPTION,
    MAX_TITLE,
    MAX_WATCHERS,
    Priority,
    Status,
)
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, QueryFlag, Text

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


def _each_once(values: list[Any]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("Name each once.")


def people(longest: int, **options: Any) -> "fields.List[Any]":
    """Return the field of a list of uids, each once."""
    return fields.List(Id(), validate=[validate.Length(max=longest), _each_once], **options)


class TaskChangesSchema(CamelSchema):
    """What may be changed of a task. Leave out what stays."""

    title = Text(MAX_TITLE, shortest=1)
    description = Text(MAX_DESCRIPTION, lines=True)
    status = fields.Enum(Status, by_value=True)
    priority = PriorityName()
    assignee_ids = people(MAX_ASSIGNEES)
    watcher_ids = people(MAX_WATCHERS)
    due = fields.Nested(DueChangesSchema, allow_none=True)

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }


class NewTaskSchema(TaskChangesSchema):
    """A new task."""

    title = Text(MAX_TITLE, shortest=1, required=True)
    due = fields.Nested(DueSchema, allow_none=True)


class TaskSchema(CamelSchema):
    """A task."""

    id = fields.String()
    workspace_id = fields.String()
    title = fields.String()
    description = fields.String()
    status = fields.Enum(Status, by_value=True)
    priority = PriorityName()
    assignee_ids = fields.List(fields.String())
    watcher_ids = fields.List(fields.String())
    due = fields.Nested(DueSchema, allow_none=True)
    due_at = Instant(allow_none=True)
    due_day = fields.String(allow_none=True)
    series_id = fields.String(allow_none=True)
    occurrence_key = fields.String(allow_none=True)
    is_overdue = fields.Boolean()
    completed_at = Instant(allow_none=True)
    completed_by = fields.String(allow_none=True)
    archived_at = Instant(allow_none=True)
    deleted_at = Instant(allow_none=True)
    created_at = Instant()
    created_by = fields.String()
    updated_at = Instant()
    updated_by = fields.String()
    rev = fields.Integer()


class TaskPageSchema(PageSchema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskSchema))
    total_size = fields.Integer(
        metadata={
            "description": "How many tasks the whole list has; with `includeTotal` only.",
            "x-optional": True,
        }
    )


def any_of(value: "fields.Field[Any]", most: int, **options: Any) -> DelimitedList:
    """Return the field of one or several values, with commas between, any of which will do."""
    checks = [validate.Length(min=1, max=most), _each_once]
    return DelimitedList(value, validate=checks, **options)


def _only_true(is_set: bool) -> None:
    if not is_set:
        raise ValidationError("Say `true`, or leave it out.")


class TaskQuerySchema(PageArguments):
    """Which tasks are asked for. Filters combine with AND."""

    status = any_of(
        fields.Enum(Status, by_value=True),
        len(Status),
        metadata={
            "description": "One status, or several with commas between.",
            "uniqueItems": True,
            "example": ["open", "in_progress"],
        },
    )
    priority = any_of(
        PriorityName(),
        len(Priority),
        metadata={
            "description": "One priority, or several with commas between.",
            "uniqueItems": True,
            "example": ["high", "urgent"],
        },
    )
    assignee = Id(
        metadata={"description": "Somebody it is assigned to: a uid, or `me`.", "example": "me"}
    )
    due_after = Instant(
        metadata={
            "description": (
                "Due at this instant or later; RFC 3339 with an offset, its `+` written as `%2B`. "
                "Sorts by `dueAt`, or by `-dueAt` if you say so."
            ),
            "example": "2026-11-20T00:00:00Z",
        }
    )
    due_before = Instant(
        metadata={
            "description": "Due before this instant, not at it. Otherwise as `dueAfter`.",
            "example": "2026-11-27T00:00:00Z",
        }
    )
    overdue = QueryFlag(
        validate=_only_true,
        metadata={"description": "`true`: flagged as overdue. Sorts by `dueAt`.", "enum": [True]},
    )
    archived = QueryFlag(
        validate=_only_true,
        metadata={
            "description": (
                "`true`: the archive instead, what went there last first. "
                "Stands alone: no other filter, and no `sort`."
            ),
            "enum": [True],
        },
    )
    deleted = QueryFlag(
        validate=_only_true,
        metadata={
            "description": (
                "`true`: the trash instead, what went there last first. "
                "Stands alone: no other filter, and no `sort`."
            ),
            "enum": [True],
        },
    )
    sort = fields.String(
        validate=validate.OneOf(TASK_LISTS.orders),
        metadata={
            "description": (
                "`-` is descending; ties are broken by id. Without it `-createdAt`, which never "
                "moves, or `dueAt` with a filter on it. Tasks that are never due come first by "
                "`dueAt`, last by `-dueAt`."
            ),
            "example": "dueAt",
        },
    )
    include_total = QueryFlag(
        load_default=False,
        metadata={
            "description": (
                "Also count the whole list. Refused where several filters have several values "
                "each, or one has beside other filters: that would mean reading all of it."
            )
        },
    )

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
