"""What becomes of the workspaces of somebody who is about to be erased."""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Create, Stored, Write
from backend.kit.pages import MAX_SIZE, PageTokens
from backend.timers.documents import withdrawing
from backend.workspaces.documents import changing, member_fields, member_path, workspace_fields
from backend.workspaces.model import Member, Workspace
from backend.workspaces.permissions import Role
from backend.workspaces.records import transferred
from backend.workspaces.repository import Found, Workspaces
from backend.workspaces.timers import membership_end_id

log = structlog.get_logger()

BELOW_OWNER = (Role.ADMIN, Role.MEMBER, Role.COMMENTER, Role.VIEWER)


class Handover:
    """Finds a new owner for each team of a person; their membership stays, as an admin's."""

    def __init__(
        self, store: Store, clock: Clock, held: CachedDocuments, tokens: PageTokens
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = Workspaces(store, held, tokens)

    def hand_over(self, uid: str) -> list[str]:
        """
        Give away every team and space that somebody owns; return those that nobody can take.

        The next owner is who has the highest role, and has had it for longest, those whose
        membership ends being asked last. A space goes to the owner of its team. What is returned
        is for the caller to purge: the person is alone there. Running it again goes on where it
        stopped. The personal workspace is not looked at.
        """
        # Teams first: where both are theirs, a space goes to the new owner of its team.
        owned = sorted(self._owned(uid), key=lambda workspace: workspace.is_space)
        return [workspace.id for workspace in owned if not self._hand_over(workspace, uid)]

    def _owned(self, uid: str) -> list[Workspace]:
        owned: list[Workspace] = []
        while found := self._workspaces.owned_by(uid, after=owned[-1] if owned else None):
            owned += found
        return [each for each in owned if not each.is_personal]

    def _hand_over(self, workspace: Workspace, uid: str) -> bool:
        def plan() -> tuple[bool, list[Write]]:
            # Looked up again in each attempt: who was asked may have left.
            heir = self._heir_of_space(workspace) if workspace.is_space else self._heir(workspace)
            if heir is None or heir.uid == uid:
                return False, []
            look = self._workspaces.look(workspace.id, uid, heir.uid)
            if look.workspace is None or look.workspace[1].owner_uid != uid:
                return True, []
            return True, self._writes(*look.workspace, look.members, uid, heir)

        with self._workspaces.changing(workspace.id):
            is_done = self._store.commit(plan)
        if is_done:
            self._store.afterwards(
                lambda: log.info("workspace.handed_over", workspace_id=workspace.id)
            )
        return is_done

    def _writes(
        self,
        stored: Stored,
        workspace: Workspace,
        members: Mapping[str, Found],
        uid: str,
        heir: Member,
    ) -> list[Write]:
        now = self._clock.now()
        owned = workspace.owned_by(heir.uid, by=SYSTEM_UID, at=now)
        record = transferred(workspace.id, to=heir.uid, by=SYSTEM_UID, at=now)
        writes: list[Write] = [changing(stored, workspace_fields(owned)), record]
        if (mine := members.get(uid)) is not None:
            writes.append(_in_role(mine, Role.ADMIN))
        theirs = members.get(heir.uid)
        if theirs is None:
            joining = replace(
                heir,
                workspace_id=workspace.id,
                role=Role.OWNER,
                expire_at=None,
                parent_id=workspace.parent_id,
                created_at=now,
            )
            path = member_path(workspace.id, heir.uid)
            return [*writes, Create(path, member_fields(joining))]
        writes.append(_in_role(theirs, Role.OWNER))
        if theirs[1].expire_at is not None and not workspace.is_space:
            writes.append(withdrawing(membership_end_id(workspace.id, heir.uid)))
        return writes

    def _heir_of_space(self, space: Workspace) -> Member | None:
        parent_id = space.parent_id or ""
        parent, _ = self._workspaces.look(parent_id)
        if parent is None:
            return None
        found = self._workspaces.membership(parent_id, parent[1].owner_uid)
        return found[1] if found else None

    def _heir(self, workspace: Workspace) -> Member | None:
        for role in BELOW_OWNER:
            longest = self._workspaces.longest(workspace.id, role, limit=1)
            if longest:
                return longest[0]
        return self._last_resort(workspace)

    def _last_resort(self, workspace: Workspace) -> Member | None:
        """Everybody's membership ends: better one of the first to join than no owner at all."""
        now = self._clock.now()
        first = self._workspaces.first(workspace.id, limit=MAX_SIZE)
        current = [each for each in first if each.is_current(now) and not each.is_owner]
        return min(current, key=_rank, default=None)


def _rank(member: Member) -> int:
    return BELOW_OWNER.index(member.role)


def _in_role(found: Found, role: Role) -> Write:
    stored, member = found
    expire_at = None if role is Role.OWNER else member.expire_at
    return changing(stored, member_fields(replace(member, role=role, expire_at=expire_at)))
