"""Valid documents, as an app writes them itself under the rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.kit.ids import random_id
from tests.api.world import Caller, World


def app_task(
    world: World,
    workspace_id: str,
    *,
    by: Caller,
    title: str = "A task",
    assignees: Sequence[Caller] = (),
    due_at: datetime | None = None,
    wrong_by: timedelta = timedelta(),
) -> str:
    """Write a task as the app does; return its id. `wrong_by` is an error in its `dueAt`."""
    task_id = random_id()
    fields = task_fields(world, by=by, title=title, assignees=assignees)
    if due_at is not None:
        due_at = due_at.replace(second=0, microsecond=0)
        fields |= {"due": due_map(due_at), "dueAt": due_at + wrong_by, "dueDay": f"{due_at:%F}"}
    world.write(f"workspaces/{workspace_id}/tasks/{task_id}", fields)
    return task_id


def task_fields(
    world: World, *, by: Caller, title: str = "A task", assignees: Sequence[Caller] = ()
) -> dict[str, Any]:
    now = world.clock.now()
    return {
        "title": title,
        "description": "",
        "status": "open",
        "priority": 0,
        "assigneeIds": [person.uid for person in assignees],
        "watcherIds": [],
        "due": None,
        "dueAt": None,
        "dueDay": None,
        "seriesId": None,
        "occurrenceKey": None,
        "isOverdue": False,
        "completedAt": None,
        "completedBy": None,
        "archivedAt": None,
        "deletedAt": None,
        "createdAt": now,
        "createdBy": by.uid,
        "updatedAt": now,
        "updatedBy": by.uid,
        "rev": 1,
    }


def due_map(at: datetime) -> dict[str, Any]:
    return {"kind": "zoned", "date": f"{at:%F}", "time": f"{at:%H:%M}", "tz": "UTC"}
