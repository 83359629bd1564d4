"""Leaving every workspace, for good and quietly."""

from collections import Counter

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.documents import Adjust, Increment, Query, Remove, Stored, Where, Write
from backend.leaving.purge import Purge, Purged
from backend.timers.documents import withdrawing
from backend.workspaces.handover import Handover
from backend.workspaces.timers import membership_end_id

PAGE = 50


class Farewell:
    """
    Gives away or deletes the teams that somebody owns, and ends their memberships of all others.

    Unlike a removal it leaves no departure to be worked off: assignments and watches are among the
    traces, which go without a revision that anybody would be told of.
    """

    def __init__(
        self, store: Store, handover: Handover, purge: Purge, members: CachedDocuments
    ) -> None:
        self._store = store
        self._handover = handover
        self._purge = purge
        self._members = members

    def leave_all(self, uid: str, *, counted_at: str) -> Purged:
        """Leave everything but the personal workspace, a job's worth at a time."""
        deleted: Counter[str] = Counter()
        for workspace_id in self._handover.hand_over(uid):
            purged = self._purge.empty_workspace(workspace_id, counted_at=counted_at)
            deleted += Counter(purged.deleted)
            if not purged.is_done:
                return Purged(dict(deleted), is_done=False)
        while found := self._memberships(uid):
            if self._store.attempt([*self._ending(found), _counting(counted_at, len(found))]):
                deleted += Counter(members=len(found))
            for stored in found:
                self._members.forget(stored.parent_id)
        return Purged(dict(deleted), is_done=True)

    def _memberships(self, uid: str) -> list[Stored]:
        where = (Where("uid", "==", uid),)
        found = self._store.find(Query("members", limit=PAGE, where=where, group=True))
        return [stored for stored in found if stored.parent_id != uid]

    def _ending(self, found: list[Stored]) -> list[Write]:
        return [
            write
            for stored in found
            for write in (
                Remove(stored),
                withdrawing(membership_end_id(stored.parent_id, stored.id)),
            )
        ]


def _counting(path: str, count: int) -> Write:
    return Adjust(path, {"deleted": {"members": Increment(count)}})
