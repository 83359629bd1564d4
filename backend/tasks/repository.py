"""Where tasks are kept."""

from collections.abc import Mapping
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Stored
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.documents import task_of, task_path, tasks_path
from backend.tasks.listing import TASK_LISTS
from backend.tasks.model import Task, TaskRef
from backend.workspaces.model import Member


class Tasks:
    """Reads of tasks. None without saying which member reads."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def get(self, task_id: str, *, seen_by: Member) -> tuple[Stored, Task]:
        """
        Return a task of a member's workspace, with what was stored.

        Raises:
            NotFound: there is none, or it lies in the trash.
            DataLoss: it cannot be read.
        """
        ref = TaskRef(seen_by.workspace_id, checked(task_id))
        stored = self._store.get(task_path(ref))
        if stored is None:
            raise hidden()
        task = task_of(stored)
        if task.deleted_at is not None:
            raise hidden()
        return stored, task

    def page(
        self, wanted: Mapping[str, Any], *, order: str | None, asked: Asked, seen_by: Member
    ) -> Page[Task]:
        """
        Return a page of one of the `TASK_LISTS` of a member's workspace.

        Raises:
            InvalidArgument: no index serves it, or the page token belongs to another list.
        """
        tasks = tasks_path(seen_by.workspace_id)
        query = TASK_LISTS.query(tasks, wanted, order=order, limit=asked.size)
        return self._tokens.page(self._store, query, task_of, asked=asked, caller=seen_by.uid)
