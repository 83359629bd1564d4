"""Tasks in JSON."""

from typing import Any

from marshmallow import fields, post_load, validate

from backend.tasks.detail_schemas import (
    ChecklistItemSchema,
    DueChangesSchema,
    DueSchema,
    PriorityName,
    RankText,
    ReminderSchema,
    each_once,
    ids,
    ids_of_their_own,
    people,
)
from backend.tasks.details import MAX_CHECKLIST, MAX_REMINDERS
from backend.tasks.model import (
    MAX_ASSIGNEES,
    MAX_BLOCKERS,
    MAX_DESCRIPTION,
    MAX_ESTIMATE_MIN,
    MAX_LABELS,
    MAX_TITLE,
    MAX_WATCHERS,
    Status,
)
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, Text, Whole, frozen

BOARD = {"description": "Left out with a `listId`: the board of the list."}
START = {"description": "When work on it begins; not after it is due."}
ESTIMATE = {"description": "How long it takes, in minutes."}
PARENT = {
    "description": "The task it is a subtask of: neither itself nor one of its own subtasks; tasks "
    "are nested 8 deep at most."
}
ANCESTORS = {"description": "All tasks above it, from the top."}
DEPTH = {"description": "How many tasks are above it."}
BLOCKED_BY = {"description": "What has to be done before; no task waits for itself in the end."}
IS_BLOCKED = {"description": "Whether anything it waits for is still open: it cannot be done then."}
COUNTERS = {
    "description": "What belongs to it: `subtasks`, `subtasksDone`, `comments`, `attachments`, and "
    "how many tasks wait for it, `blocks`; what is not named is 0."
}


class TaskChangesSchema(CamelSchema):
    """What may be changed of a task. Leave out what stays."""

    title = Text(MAX_TITLE, shortest=1)
    description = Text(MAX_DESCRIPTION, lines=True)
    status = fields.Enum(Status, by_value=True)
    priority = PriorityName()
    assignee_ids = people(MAX_ASSIGNEES)
    watcher_ids = people(MAX_WATCHERS)
    label_ids = ids(MAX_LABELS)
    parent_id = Id(allow_none=True, metadata=PARENT)
    blocked_by = ids(MAX_BLOCKERS, metadata=BLOCKED_BY)
    project_id = Id(allow_none=True)
    board_id = Id(allow_none=True, metadata=BOARD)
    list_id = Id(allow_none=True)
    rank = RankText(allow_none=True)
    start_at = Instant(allow_none=True, metadata=START)
    due = fields.Nested(DueChangesSchema, allow_none=True)
    reminders = fields.List(
        fields.Nested(ReminderSchema), validate=[validate.Length(max=MAX_REMINDERS), each_once]
    )
    checklist = fields.List(
        fields.Nested(ChecklistItemSchema),
        validate=[validate.Length(max=MAX_CHECKLIST), ids_of_their_own],
    )
    estimate_min = Whole(
        allow_none=True, validate=validate.Range(0, MAX_ESTIMATE_MIN), metadata=ESTIMATE
    )

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return frozen(data)


class NewTaskSchema(TaskChangesSchema):
    """A new task."""

    title = Text(MAX_TITLE, shortest=1, required=True)
    due = fields.Nested(DueSchema, allow_none=True)


class MovedToSchema(CamelSchema):
    """Where a task is by now that lies in the trash here, for it moved to another workspace."""

    workspace_id = fields.String()
    task_id = fields.String()


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
    label_ids = fields.List(fields.String())
    parent_id = fields.String(allow_none=True)
    ancestor_ids = fields.List(fields.String(), metadata=ANCESTORS)
    depth = fields.Integer(metadata=DEPTH)
    blocked_by = fields.List(fields.String())
    is_blocked = fields.Boolean(metadata=IS_BLOCKED)
    project_id = fields.String(allow_none=True)
    board_id = fields.String(allow_none=True)
    list_id = fields.String(allow_none=True)
    rank = fields.String(allow_none=True)
    start_at = Instant(allow_none=True)
    due = fields.Nested(DueSchema, allow_none=True)
    due_at = Instant(allow_none=True)
    due_day = fields.String(allow_none=True)
    reminders = fields.List(fields.Nested(ReminderSchema))
    checklist = fields.List(fields.Nested(ChecklistItemSchema))
    estimate_min = fields.Integer(allow_none=True, metadata=ESTIMATE)
    counters = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata=COUNTERS)
    series_id = fields.String(allow_none=True)
    occurrence_key = fields.String(allow_none=True)
    is_overdue = fields.Boolean()
    completed_at = Instant(allow_none=True)
    completed_by = fields.String(allow_none=True)
    archived_at = Instant(allow_none=True)
    deleted_at = Instant(allow_none=True)
    moved_to = fields.Nested(MovedToSchema, allow_none=True)
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
