"""One's own work, wherever it lies: `/tasks?assignee=me`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Query
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.documents import task_of
from backend.tasks.listing import OWN_TASKS
from backend.tasks.model import Status, Task
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class OwnTasks:
    """Tasks that are assigned to the caller, in every workspace they belong to."""

    def __init__(self, store: Store, workspaces: WorkspaceService, tokens: PageTokens) -> None:
        self._store = store
        self._workspaces = workspaces
        self._tokens = tokens

    def page(self, actor: Actor, wanted: Mapping[str, Any], *, asked: Asked) -> Page[Task]:
        """
        Return a page of the tasks that are assigned to the caller, by `dueAt`.

        `wanted` holds values of the filters in `OWN_TASKS`. What lies in a workspace that the
        caller does not belong to, or no longer, is dropped: an assignment outlives a membership by
        moments, or by years where documents were written before it was looked at. Costs two round
        trips, a read for each membership and each task.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        mine = self._workspaces.mine(actor)
        seen = {member.workspace_id for member in mine if member.may(Right.READ_TASKS)}
        query = own_tasks_query({**wanted, "assignee": actor.uid}, limit=asked.size)
        return self._tokens.page(
            self._store,
            query,
            task_of,
            asked=asked,
            caller=actor.uid,
            keeping=lambda stored: stored.parent_id in seen,
        )


def own_tasks_query(wanted: Mapping[str, Any], *, limit: int) -> Query:
    """Return the query of somebody's tasks in all workspaces."""
    # Any status is one of these: the index that finds some of them finds all.
    filters = {"status": tuple(Status), **wanted}
    return replace(OWN_TASKS.query("tasks", filters, order=None, limit=limit), group=True)
