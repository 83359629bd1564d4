"""What people ask about all tasks of a workspace at once."""

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.errors import hidden
from backend.statistics.model import Statistics
from backend.workspaces.documents import workspace_path
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class StatisticsService:
    """Reads totals: one document, however many tasks there are."""

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def get(self, actor: Actor, workspace_id: str) -> Statistics:
        """
        Return the totals of a workspace. They follow a change within moments.

        Raises:
            NotFound: there is none, or the caller does not belong to it.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_STATISTICS)
        stored = self._store.get(workspace_path(member.workspace_id))
        if stored is None:
            raise hidden()
        return Statistics.of(stored.fields.get("counters") or {})
