"""Where tasks are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.tasks.documents import task_of, task_path, tasks_path
from backend.tasks.model import Status, Task, TaskRef
from backend.workspaces.model import Member


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks of a workspace are asked for. None stands for any."""

    status: Status | None = None
    assignee: str | None = None


class Tasks:
    """Reads of tasks. None without saying which member reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, task_id: str, *, seen_by: Member) -> tuple[Stored, Task]:
        """
        Return a task of a member's workspace, with what was stored.

        Raises:
            NotFound: there is none, or it lies in the trash.
        """
        ref = TaskRef(seen_by.workspace_id, checked(task_id))
        stored = self._store.get(task_path(ref))
        if stored is None or stored.fields["deletedAt"] is not None:
            raise hidden()
        return stored, task_of(stored)

    def newest(
        self, wanted: TaskFilter, *, size: int, after: list[Any] | None, seen_by: Member
    ) -> list[Task]:
        """Return live tasks, newest first, after the position of the last one seen."""
        where = [Where("deletedAt", "==", None), Where("archivedAt", "==", None)]
        if wanted.status is not None:
            where.append(Where("status", "==", wanted.status.value))
        if wanted.assignee is not None:
            where.append(Where("assigneeIds", "array_contains", wanted.assignee))
        collection = tasks_path(seen_by.workspace_id)
        cursor = None
        if after is not None:
            created_at, task_id = after
            cursor = (datetime.fromisoformat(created_at), f"{collection}/{task_id}")
        found = self._store.find(
            Query(
                collection, limit=size, where=tuple(where), order_by=("-createdAt",), after=cursor
            )
        )
        return [task_of(stored) for stored in found]


def position_of(task: Task) -> list[Any]:
    """Return where a task stands in the list of newest tasks."""
    return [task.created_at.isoformat(), task.id]
