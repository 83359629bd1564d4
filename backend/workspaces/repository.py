"""Where workspaces and memberships are kept."""

from collections.abc import Sequence

import structlog

from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import DataLoss
from backend.workspaces.documents import member_of, member_path, workspace_of, workspace_path
from backend.workspaces.model import Member, Workspace

log = structlog.get_logger()

MAX_MEMBERS = 200
MAX_MEMBERSHIPS = 50


class Workspaces:
    """Reads of workspaces and members."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, *, seen_by: Member) -> Workspace | None:
        """Return the workspace that a member belongs to."""
        stored = self._store.get(workspace_path(seen_by.workspace_id))
        return workspace_of(stored) if stored else None

    def memberships(self, workspace_id: str, uids: Sequence[str]) -> list[Member | None]:
        """Return the memberships of several people, in their order. An unreadable one is none."""
        found = self._store.get_all([member_path(workspace_id, uid) for uid in uids])
        return [_member(stored) if stored else None for stored in found]

    def membership(self, workspace_id: str, uid: str) -> tuple[Stored, Member] | None:
        """Return one membership, with what was stored."""
        stored = self._store.get(member_path(workspace_id, uid))
        return (stored, member_of(stored)) if stored else None

    def members(self, *, seen_by: Member) -> list[Member]:
        """Return the members of a member's workspace, `MAX_MEMBERS` at the most."""
        found = self._store.find(
            Query(f"workspaces/{seen_by.workspace_id}/members", limit=MAX_MEMBERS)
        )
        return [member_of(stored) for stored in found]

    def memberships_of(self, uid: str) -> list[Member]:
        """Return where somebody belongs, `MAX_MEMBERSHIPS` at the most."""
        found = self._store.find(
            Query("members", limit=MAX_MEMBERSHIPS, where=(Where("uid", "==", uid),), group=True)
        )
        return [member_of(stored) for stored in found]


def _member(stored: Stored) -> Member | None:
    try:
        return member_of(stored)
    except DataLoss as error:  # It opens nothing, as under the rules.
        log.exception("member.unreadable", detail=error.detail)
        return None
