"""Tasks as documents."""

from typing import Any

import structlog

from backend.kit.documents import Change, Create, Fields, Stored, reading
from backend.kit.errors import DataLoss, InvalidArgument
from backend.kit.ids import is_id
from backend.kit.ranks import is_rank
from backend.tasks.details import checklist_of, reminders_of
from backend.tasks.due import Due
from backend.tasks.model import (
    MAX_BLOCKERS,
    MAX_DEPTH,
    MAX_LABELS,
    MovedTo,
    Priority,
    Recorded,
    Status,
    Task,
    TaskRef,
)

log = structlog.get_logger()

RARE = ("movedTo",)  # What only some tasks have.


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
        "labelIds": list(task.label_ids),
        "projectId": task.project_id,
        "boardId": task.board_id,
        "listId": task.list_id,
        "rank": task.rank,
        "parentId": task.parent_id,
        "ancestorIds": list(task.ancestor_ids),
        "depth": task.depth,
        "startAt": task.start_at,
        "due": task.due.to_fields() if task.due else None,
        "dueAt": task.due_at,
        "dueDay": task.due_day,
        "reminders": [reminder.to_fields() for reminder in task.reminders],
        "checklist": [item.to_fields() for item in task.checklist],
        "estimateMin": task.estimate_min,
        "blockedBy": list(task.blocked_by),
        "isBlocked": task.is_blocked,
        "counters": dict(task.counters),
        "seriesId": task.series_id,
        "occurrenceKey": task.occurrence_key,
        "isOverdue": task.is_overdue,
        "completedAt": task.completed_at,
        "completedBy": task.completed_by,
        "archivedAt": task.archived_at,
        "deletedAt": task.deleted_at,
        "expireAt": task.expire_at,
        "createdAt": task.created_at,
        "createdBy": task.created_by,
        "updatedAt": task.updated_at,
        "updatedBy": task.updated_by,
        "rev": task.rev,
        **_recorded_fields(task.recorded),
        **_moved_fields(task.moved_to),
    }


def task_of(stored: Stored) -> Task:
    """
    Read a task from its document, which the app may have written itself under the rules.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return task_from(TaskRef(stored.parent_id, stored.id), fields)


def readable_task(stored: Stored | None) -> Task | None:
    """Read a task where one that nobody can read is to keep no other from being seen to."""
    if stored is None:
        return None
    try:
        return task_of(stored)
    except DataLoss as error:
        log.exception("task.unreadable", task_id=stored.id, detail=error.detail)
        return None


def task_from(ref: TaskRef, fields: Fields) -> Task:
    """
    Read a task from the fields of a document, or from a copy kept elsewhere.

    Forgiving where the rules cannot look, and where documents of an earlier version lack a field:
    what cannot be made sense of counts as none. `says` tells whether anything was passed over.
    """
    return Task(
        id=ref.task_id,
        workspace_id=ref.workspace_id,
        title=fields["title"],
        description=fields["description"],
        status=Status(fields["status"]),
        priority=Priority(fields["priority"]),
        assignee_ids=_texts(fields["assigneeIds"]),
        watcher_ids=_texts(fields["watcherIds"]),
        label_ids=_ids(fields.get("labelIds"), MAX_LABELS),
        project_id=_id(fields.get("projectId")),
        board_id=_id(fields.get("boardId")),
        list_id=_id(fields.get("listId")),
        rank=_rank(fields.get("rank")),
        parent_id=_id(fields.get("parentId")),
        ancestor_ids=_ids(fields.get("ancestorIds"), MAX_DEPTH),
        depth=fields.get("depth", 0),
        start_at=fields.get("startAt"),
        due=_due(fields["due"]),
        due_at=fields["dueAt"],
        due_day=fields["dueDay"],
        reminders=reminders_of(fields.get("reminders")),
        checklist=checklist_of(fields.get("checklist")),
        estimate_min=fields.get("estimateMin"),
        blocked_by=_ids(fields.get("blockedBy"), MAX_BLOCKERS),
        is_blocked=fields.get("isBlocked", False),
        counters=dict(fields.get("counters", {})),
        series_id=fields["seriesId"],
        occurrence_key=fields["occurrenceKey"],
        is_overdue=fields["isOverdue"],
        completed_at=fields["completedAt"],
        completed_by=fields["completedBy"],
        archived_at=fields["archivedAt"],
        deleted_at=fields["deletedAt"],
        expire_at=fields.get("expireAt"),
        created_at=fields["createdAt"],
        created_by=fields["createdBy"],
        updated_at=fields["updatedAt"],
        updated_by=fields["updatedBy"],
        rev=fields["rev"],
        recorded=_recorded(fields.get("recorded")),
        moved_to=_moved(fields.get("movedTo")),
    )


def creating(task: Task) -> Create:
    """Return the write of a new task."""
    return Create(task_path(task.ref), task_fields(task))


def changing(stored: Stored, task: Task) -> Change:
    """Return the write of what differs between a task and what was stored of it."""
    # A field that is missing has to be cleared where it was.
    fields = {name: None for name in RARE if name in stored.fields} | dict(task_fields(task))
    return Change(stored, {name: fields[name] for name in changed_names(stored.fields, fields)})


def says(stored: Stored, task: Task) -> bool:
    """Say whether a document holds exactly the task that was read from it."""
    return not changed_names(stored.fields, task_fields(task))


def changed_names(before: Fields, after: Fields) -> list[str]:
    """Return the names of the fields whose values differ, sorted."""
    return sorted(name for name in after if before.get(name) != after[name])


def _recorded_fields(recorded: Recorded | None) -> Fields:
    # Tasks that apps make do not have it: it says something only where there is one.
    return {"recorded": {"since": recorded.since, "upto": recorded.upto}} if recorded else {}


def _recorded(value: Any) -> Recorded | None:
    return Recorded(value["since"], value["upto"]) if value else None


def _moved_fields(moved_to: MovedTo | None) -> Fields:
    if moved_to is None:
        return {}
    return {"movedTo": {"workspaceId": moved_to.workspace_id, "taskId": moved_to.task_id}}


def _moved(value: Any) -> MovedTo | None:
    return MovedTo(value["workspaceId"], value["taskId"]) if value else None


def _due(value: Any) -> Due | None:
    # Rules cannot know that February has no 31st: such a date counts as none, and the reactor
    # then settles the document.
    if value is None:
        return None
    try:
        return Due.from_fields(value)
    except InvalidArgument:
        return None


def _texts(values: Any) -> tuple[str, ...]:
    # In a path of the rules the number 7 is "7": where that is a member, it may stand in a list.
    return tuple(dict.fromkeys(each for each in values if isinstance(each, str)))


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and is_id(value) else None


def _ids(value: Any, most: int) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else ()
    found = [each for each in listed if isinstance(each, str) and is_id(each)]
    return tuple(dict.fromkeys(found))[:most]


def _rank(value: Any) -> str | None:
    return value if is_rank(value) else None
