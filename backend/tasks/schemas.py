"""Tasks in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump, validate

from backend.kit.errors import InvalidArgument
from backend.tasks.due import Due, DueKind
from backend.tasks.model import (
    MAX_ASSIGNEES,
    MAX_DESCRIPTION,
    MAX_TITLE,
    MAX_WATCHERS,
    Priority,
    Status,
)
from backend.web.schemas import CamelSchema, Id, Instant, PageArguments, Text

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


class DueSchema(CamelSchema):
    """When a task is due, as a person means it."""

    kind = fields.Enum(DueKind, by_value=True, required=True)
    date = fields.String(required=True, metadata={"example": "2026-11-20"})
    time = fields.String(allow_none=True, load_default=None, metadata={"example": "09:00"})
    tz = fields.String(required=True, metadata={"example": "Europe/Berlin"})

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


def _each_once(uids: list[str]) -> None:
    if len(set(uids)) < len(uids):
        raise ValidationError("Name each person once.")


def people(longest: int, **options: Any) -> "fields.List[Any]":
    """Return the field of a list of uids, each once."""
    return fields.List(Id(), validate=[validate.Length(max=longest), _each_once], **options)


class TaskChangesSchema(CamelSchema):
    """What may be changed of a task. Leave out what stays."""

    title = Text(MAX_TITLE, shortest=1)
    description = Text(MAX_DESCRIPTION)
    status = fields.Enum(Status, by_value=True)
    priority = PriorityName()
    assignee_ids = people(MAX_ASSIGNEES)
    watcher_ids = people(MAX_WATCHERS)
    due = fields.Nested(DueSchema, allow_none=True)

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }


class NewTaskSchema(TaskChangesSchema):
    """A new task."""

    title = Text(MAX_TITLE, shortest=1, required=True)


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


class TaskPageSchema(CamelSchema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskSchema))
    next_page_token = fields.String(allow_none=True)


class TaskQuerySchema(PageArguments):
    """Which tasks are asked for."""

    status = fields.Enum(Status, by_value=True, load_default=None)
    assignee = Id(load_default=None, metadata={"description": "A uid, or `me`."})
