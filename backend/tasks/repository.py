"""Where tasks are kept."""

from collections.abc import Mapping
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.documents import task_of, task_path, tasks_path
from backend.tasks.history import Change, change_of, histories_path
from backend.tasks.listing import TASK_LISTS
from backend.tasks.model import Task, TaskRef
from backend.tasks.trees import below
from backend.workspaces.model import Member

# Changes since somebody went offline. Of more than that each may have touched any field.
MOST_MERGED = 100


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

    def changes(self, task_id: str, *, after: int, seen_by: Member) -> list[Change]:
        """Return the history of a task after a revision, oldest first, `MOST_MERGED` at most."""
        ref = TaskRef(seen_by.workspace_id, checked(task_id))
        query = Query(
            histories_path(ref),
            limit=MOST_MERGED,
            where=(Where("rev", ">", after),),
            order_by=("rev",),
        )
        return [change_of(stored) for stored in self._store.find(query)]

    def history(self, task_id: str, *, asked: Asked, seen_by: Member) -> Page[Change]:
        """
        Return a page of the history of a task, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        ref = TaskRef(seen_by.workspace_id, checked(task_id))
        query = Query(histories_path(ref), limit=asked.size, order_by=("-rev",))
        return self._tokens.page(self._store, query, change_of, asked=asked, caller=seen_by.uid)

    def tree(self, task_id: str, *, asked: Asked, seen_by: Member) -> Page[Task]:
        """
        Return a page of all tasks below one, parents before their subtasks.

        Raises:
            NotFound: there is no such task, or it lies in the trash.
            InvalidArgument: the page token belongs to another list.
        """
        query = below(seen_by.workspace_id, checked(task_id), limit=asked.size)
        page = self._tokens.page(self._store, query, task_of, asked=asked, caller=seen_by.uid)
        if not page.items:  # What has tasks below it is there; of the others one has to ask.
            self.get(task_id, seen_by=seen_by)
        return page

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
