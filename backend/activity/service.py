"""Reading what happened in a workspace."""

from collections.abc import Mapping
from typing import Any

from backend.activity.documents import happening_of
from backend.activity.listing import EVENT_LISTS
from backend.activity.model import Happening
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.pages import Asked, Page, PageTokens
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class ActivityService:
    """Events of the workspaces the caller belongs to. They hold ids, never names or texts."""

    def __init__(self, store: Store, workspaces: WorkspaceService, tokens: PageTokens) -> None:
        self._store = store
        self._workspaces = workspaces
        self._tokens = tokens

    def page(
        self, actor: Actor, workspace_id: str, wanted: Mapping[str, Any], asked: Asked
    ) -> Page[Happening]:
        """
        Return a page of events, the latest first; `wanted` holds values of `EVENT_LISTS`.

        Raises:
            NotFound: the caller does not belong to the workspace.
            InvalidArgument: no index serves it, or the page token belongs to another list.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_EVENTS)
        events = f"workspaces/{member.workspace_id}/events"
        query = EVENT_LISTS.query(events, wanted, order=None, limit=asked.size)
        return self._tokens.page(self._store, query, happening_of, asked=asked, caller=actor.uid)
