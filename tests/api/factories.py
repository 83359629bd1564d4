"""Valid documents, as an app writes them itself under the rules."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.kit.documents import Create
from backend.kit.ids import random_id
from tests.api.world import Caller, World
from tests.rules.documents import PAST


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
        "labelIds": [],
        "projectId": None,
        "boardId": None,
        "listId": None,
        "rank": None,
        "parentId": None,
        "ancestorIds": [],
        "depth": 0,
        "startAt": None,
        "due": None,
        "dueAt": None,
        "dueDay": None,
        "reminders": [],
        "checklist": [],
        "estimateMin": None,
        "blockedBy": [],
        "isBlocked": False,
        "counters": {},
        "seriesId": None,
        "occurrenceKey": None,
        "isOverdue": False,
        "completedAt": None,
        "completedBy": None,
        "archivedAt": None,
        "deletedAt": None,
        "expireAt": None,
        "createdAt": now,
        "createdBy": by.uid,
        "updatedAt": now,
        "updatedBy": by.uid,
        "rev": 1,
    }


def due_map(at: datetime) -> dict[str, Any]:
    return {"kind": "zoned", "date": f"{at:%F}", "time": f"{at:%H:%M}", "tz": "UTC"}


def stored_tasks(world: World, owner: Caller, states: Sequence[Mapping[str, Any]]) -> list[str]:
    """
    Write tasks into somebody's own workspace, without waiting for what follows; return their ids.

    Each is a second newer than the one before, unless its state says otherwise.
    """
    documents = {}
    for number, state in enumerate(states):
        fields = task_fields(world, by=owner, title=f"task {number}")
        at = fields["createdAt"] + timedelta(seconds=number)
        task_id = f"task-{number * 7919 % 1000:03}"  # Neither sorted as made, nor the reverse.
        path = f"workspaces/{owner.uid}/tasks/{task_id}"
        documents[path] = {**fields, "createdAt": at, "updatedAt": at, **state}
    store = world.services.ports.store
    assert store.attempt([Create(path, fields) for path, fields in documents.items()])
    return [path.rpartition("/")[2] for path in documents]


def placed(chance: random.Random) -> dict[str, Any]:
    """The state of a task somewhere, with many ties."""
    status = chance.choice(["open", "open", "in_progress", "done", "cancelled"])
    at = PAST + timedelta(hours=chance.randrange(30))
    return {
        "status": status,
        "priority": chance.randrange(5),
        "projectId": chance.choice([None, "p1", "p1", "p2"]),
        "boardId": chance.choice([None, "b1", "b1", "b2"]),
        "listId": chance.choice([None, "l1", "l2"]),
        "labelIds": chance.sample(["red", "blue"], chance.randrange(3)),
        "assigneeIds": chance.sample(["bob", "carl"], chance.randrange(3)),
        "rank": chance.choice([None, "B", "V", "VV", "a"]),
        "dueAt": chance.choice([None, at, at]),
        "completedAt": at if status == "done" else None,
        "archivedAt": chance.choice([None] * 9 + [at]),
        "deletedAt": chance.choice([None] * 9 + [at]),
    }
