"""Tasks as documents."""

from typing import Any

from backend.kit.documents import Change, Create, Fields, Stored, reading
from backend.kit.errors import InvalidArgument
from backend.tasks.due import Due
from backend.tasks.model import Priority, Status, Task, TaskRef


def tasks_path(workspace_id: str) -> str:
    """Return the collection of a workspace's tasks."""
    return f"workspaces/{workspace_id}/tasks"


def task_path(ref: TaskRef) -> str:
    """Return where a task lies."""
    return f"{tasks_path(ref.workspace_id)}/{ref.task_id}"


def task_fields(task: Task) -> Fields:
    """Return the document of a task."""
    return {
        "title": task.title,
        "description": task.description,
        "status": task.status.value,
        "priority": task.priority.value,
        "assigneeIds": list(task.assignee_ids),
        "watcherIds": list(task.watcher_ids),
        "due": task.due.to_fields() if task.due else None,
        "dueAt": task.due_at,
        "dueDay": task.due_day,
        "seriesId": task.series_id,
        "occurrenceKey": task.occurrence_key,
        "isOverdue": task.is_overdue,
        "completedAt": task.completed_at,
        "completedBy": task.completed_by,
        "archivedAt": task.archived_at,
        "deletedAt": task.deleted_at,
        "createdAt": task.created_at,
        "createdBy": task.created_by,
        "updatedAt": task.updated_at,
        "updatedBy": task.updated_by,
        "rev": task.rev,
    }


def task_of(stored: Stored) -> Task:
    """
    Read a task from its document, which the app may have written itself under the rules.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return task_from(TaskRef(stored.parent_id, stored.id), fields)


def task_from(ref: TaskRef, fields: Fields) -> Task:
    """Read a task from the fields of a document, or from a copy kept elsewhere."""
    return Task(
        id=ref.task_id,
        workspace_id=ref.workspace_id,
        title=fields["title"],
        description=fields["description"],
        status=Status(fields["status"]),
        priority=Priority(fields["priority"]),
        assignee_ids=tuple(fields["assigneeIds"]),
        watcher_ids=tuple(fields["watcherIds"]),
        due=_due(fields["due"]),
        due_at=fields["dueAt"],
        due_day=fields["dueDay"],
        series_id=fields["seriesId"],
        occurrence_key=fields["occurrenceKey"],
        is_overdue=fields["isOverdue"],
        completed_at=fields["completedAt"],
        completed_by=fields["completedBy"],
        archived_at=fields["archivedAt"],
        deleted_at=fields["deletedAt"],
        created_at=fields["createdAt"],
        created_by=fields["createdBy"],
        updated_at=fields["updatedAt"],
        updated_by=fields["updatedBy"],
        rev=fields["rev"],
    )


def creating(task: Task) -> Create:
    """Return the write of a new task."""
    return Create(task_path(task.ref), task_fields(task))


def changing(stored: Stored, task: Task) -> Change:
    """Return the write of what differs between a task and what was stored of it."""
    fields = task_fields(task)
    return Change(stored, {name: fields[name] for name in changed_names(stored.fields, fields)})


def changed_names(before: Fields, after: Fields) -> list[str]:
    """Return the names of the fields whose values differ, sorted."""
    return sorted(name for name in after if before.get(name) != after[name])


def _due(value: Any) -> Due | None:
    # Rules cannot know that February has no 31st: such a date counts as none, and the reactor
    # then settles the document.
    if value is None:
        return None
    try:
        return Due.from_fields(value)
    except InvalidArgument:
        return None
