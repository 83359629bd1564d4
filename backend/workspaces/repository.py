"""Where workspaces and memberships are kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import DataLoss
from backend.kit.pages import Asked, Page, PageTokens
from backend.workspaces.documents import member_of, member_path, workspace_of, workspace_path
from backend.workspaces.model import Member, Workspace

log = structlog.get_logger()

MAX_MEMBERSHIPS = 50


class Workspaces:
    """Reads of workspaces and members."""

    def __init__(self, store: Store, held: CachedDocuments, tokens: PageTokens) -> None:
        self._store = store
        self._held = held
        self._tokens = tokens

    def get(self, *, seen_by: Member) -> Workspace | None:
        """Return the workspace that a member belongs to."""
        stored = self._store.get(workspace_path(seen_by.workspace_id))
        return workspace_of(stored) if stored else None

    def memberships(self, workspace_id: str, uids: Sequence[str]) -> list[Member | None]:
        """Return the memberships of several people, in their order. An unreadable one is none."""
        found = self._store.get_all([member_path(workspace_id, uid) for uid in uids])
        return [_member(stored) if stored else None for stored in found]

    def memberships_held(self, workspace_id: str, uids: Sequence[str]) -> list[Member | None]:
        """
        As `memberships`, from the cache where it holds them.

        A change made here (`changing`) is seen at once by whoever shares the cache, and by others
        when what they hold has ended: 5 s after it was read without Redis, 60 s with it.
        """
        paths = [member_path(workspace_id, uid) for uid in uids]
        found = self._held.get_all(workspace_id, paths)
        return [_member(stored) if stored else None for stored in found]

    @contextmanager
    def changing(self, workspace_id: str) -> Iterator[None]:
        """
        Forget the memberships of a workspace after the enclosed commit, and before its answer.

        Also where it failed: a commit that was not answered may have taken place.
        """
        try:
            yield
        finally:
            self._store.eventually(lambda: self._held.forget(workspace_id))

    def membership(self, workspace_id: str, uid: str) -> tuple[Stored, Member] | None:
        """Return one membership, with what was stored."""
        stored = self._store.get(member_path(workspace_id, uid))
        return (stored, member_of(stored)) if stored else None

    def members(self, asked: Asked, *, seen_by: Member) -> Page[Member]:
        """
        Return a page of the members of a member's workspace, who joined first first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        members = f"workspaces/{seen_by.workspace_id}/members"
        query = Query(members, limit=asked.size, order_by=("createdAt",))
        return self._tokens.page(self._store, query, member_of, asked=asked, caller=seen_by.uid)

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
