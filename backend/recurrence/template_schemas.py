"""What the tasks of a series start with, in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from backend.recurrence.template import MAX_SUBTASKS, SubtaskTemplate
from backend.tasks.detail_schemas import (
    ChecklistItemSchema,
    PriorityName,
    ReminderSchema,
    each_once,
    ids,
    ids_of_their_own,
    people,
)
from backend.tasks.details import MAX_CHECKLIST, MAX_REMINDERS, Reminder, ReminderKind
from backend.tasks.model import (
    MAX_ASSIGNEES,
    MAX_DEPTH,
    MAX_DESCRIPTION,
    MAX_ESTIMATE_MIN,
    MAX_LABELS,
    MAX_TITLE,
    MAX_WATCHERS,
    Priority,
)
from backend.tasks.schemas import BOARD, ESTIMATE
from backend.web.schemas import CamelSchema, Id, Text, Whole, frozen

REMINDERS = {"description": "Relative ones: an instant comes once."}
SUBTASKS = {
    "description": f"Copied with each task, {MAX_SUBTASKS} in all, nested {MAX_DEPTH} deep at most."
}


def _checklist(**options: Any) -> "fields.List[Any]":
    return fields.List(
        fields.Nested(ChecklistItemSchema),
        validate=[validate.Length(max=MAX_CHECKLIST), ids_of_their_own],
        **options,
    )


def _estimate(**options: Any) -> Whole:
    in_range = validate.Range(0, MAX_ESTIMATE_MIN)
    return Whole(allow_none=True, validate=in_range, metadata=ESTIMATE, **options)


def come_again(reminders: list[Reminder]) -> None:
    """Refuse reminders at an instant: the next occurrence would have none."""
    if any(reminder.kind is ReminderKind.ABSOLUTE for reminder in reminders):
        raise ValidationError("What comes again is reminded of relative to when it is due.")


class NewSubtaskSchema(CamelSchema):
    """A subtask that comes again with its task."""

    title = Text(MAX_TITLE, shortest=1, required=True)
    description = Text(MAX_DESCRIPTION, lines=True, load_default="")
    priority = PriorityName(load_default=Priority.NONE)
    assignee_ids = people(MAX_ASSIGNEES, load_default=())
    checklist = _checklist(load_default=())
    estimate_min = _estimate(load_default=None)
    subtasks = fields.List(
        fields.Nested("NewSubtaskSchema"),
        validate=validate.Length(max=MAX_SUBTASKS),
        load_default=(),
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> SubtaskTemplate:
        return SubtaskTemplate(**frozen(data))


class SubtaskSchema(CamelSchema):
    """A subtask that comes again with its task."""

    title = fields.String()
    description = fields.String()
    priority = PriorityName()
    assignee_ids = fields.List(fields.String())
    checklist = fields.List(fields.Nested(ChecklistItemSchema))
    estimate_min = fields.Integer(allow_none=True, metadata=ESTIMATE)
    subtasks = fields.List(fields.Nested("SubtaskSchema"))


class OccurrenceFieldsSchema(CamelSchema):
    """What a task of a series may have of its own. Leave out what stays."""

    title = Text(MAX_TITLE, shortest=1)
    description = Text(MAX_DESCRIPTION, lines=True)
    priority = PriorityName()
    assignee_ids = people(MAX_ASSIGNEES)
    watcher_ids = people(MAX_WATCHERS)
    label_ids = ids(MAX_LABELS)
    project_id = Id(allow_none=True)
    board_id = Id(allow_none=True, metadata=BOARD)
    list_id = Id(allow_none=True)
    reminders = fields.List(
        fields.Nested(ReminderSchema),
        validate=[validate.Length(max=MAX_REMINDERS), each_once, come_again],
        metadata=REMINDERS,
    )
    checklist = _checklist()
    estimate_min = _estimate()

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return frozen(data)


class TemplateFieldsSchema(OccurrenceFieldsSchema):
    """What each task of a series starts with."""

    subtasks = fields.List(
        fields.Nested(NewSubtaskSchema),
        validate=validate.Length(max=MAX_SUBTASKS),
        metadata=SUBTASKS,
    )


class TemplateSchema(CamelSchema):
    """What each task of a series starts with."""

    title = fields.String()
    description = fields.String()
    priority = PriorityName()
    assignee_ids = fields.List(fields.String())
    watcher_ids = fields.List(fields.String())
    label_ids = fields.List(fields.String())
    project_id = fields.String(allow_none=True)
    board_id = fields.String(allow_none=True)
    list_id = fields.String(allow_none=True)
    reminders = fields.List(fields.Nested(ReminderSchema))
    checklist = fields.List(fields.Nested(ChecklistItemSchema))
    estimate_min = fields.Integer(allow_none=True, metadata=ESTIMATE)
    subtasks = fields.List(fields.Nested(SubtaskSchema))
