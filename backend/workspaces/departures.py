"""What ends with a membership, in the same commit; the rest is a timer's business."""

from collections.abc import Iterable
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.workspaces.documents import (
    changing,
    member_fields,
    member_of,
    member_path,
    workspace_fields,
    workspace_of,
    workspace_path,
)
from backend.workspaces.model import Member
from backend.workspaces.permissions import Role
from backend.workspaces.records import transferred
from backend.workspaces.repository import Found, Workspaces
from backend.workspaces.timers import departure_timer, membership_end_id


class Departures:
    """Ends memberships: what must be in the same commit, and the timer for the rest."""

    def __init__(self, workspaces: Workspaces, store: Store) -> None:
        self._workspaces = workspaces
        self._store = store

    def ending(self, found: Found, *, by: str, outbox: Outbox, now: datetime) -> set[str]:
        """
        Add the end of a membership to a commit; return the workspaces whose members change.

        Spaces of the workspace are left with it. One that the person owns goes to the owner of
        the workspace, so that none is ever without one.
        """
        stored, member = found
        touched = self._ending(stored, member, by=by, outbox=outbox, now=now)
        if member.parent_id is None:
            spaces = self._workspaces.in_spaces(member.workspace_id, member.uid)
            touched |= self.leaving(spaces, by=by, outbox=outbox, now=now)
        return touched

    def leaving(
        self, spaces: Iterable[Found], *, by: str, outbox: Outbox, now: datetime
    ) -> set[str]:
        """Add the end of memberships in spaces of one workspace to a commit."""
        touched: set[str] = set()
        owned = []
        for stored, member in spaces:
            touched |= self._ending(stored, member, by=by, outbox=outbox, now=now)
            if member.is_owner:
                owned.append(member)
        if owned:
            outbox.writes += self._handing_over(owned, by=by, now=now)
        return touched

    def _ending(
        self, stored: Stored, member: Member, *, by: str, outbox: Outbox, now: datetime
    ) -> set[str]:
        workspace_id, uid = member.workspace_id, member.uid
        outbox.writes.append(Remove(stored))
        if member.expire_at is not None and member.parent_id is None:
            outbox.writes.append(withdrawing(membership_end_id(workspace_id, uid)))
        outbox.set(departure_timer(workspace_id, uid, by=by, at=now), now)
        return {workspace_id}

    def _handing_over(self, owned: list[Member], *, by: str, now: datetime) -> list[Write]:
        parent_id = owned[0].parent_id or ""
        parent = self._store.get(workspace_path(parent_id))
        heir_uid = parent.fields["ownerUid"] if parent else owned[0].uid
        spaces = [member.workspace_id for member in owned]
        heir, *found = self._store.get_all(
            [
                member_path(parent_id, heir_uid),
                *map(workspace_path, spaces),
                *(member_path(space, heir_uid) for space in spaces),
            ]
        )
        if heir is None or heir_uid == owned[0].uid:
            return []  # There is nobody: the workspace itself is on its way out.
        writes: list[Write] = []
        for space, place in zip(found[: len(spaces)], found[len(spaces) :], strict=True):
            if space is not None:
                owner = _owner_of(space.id, member_of(heir), place, at=now)
                changed = workspace_of(space).owned_by(heir_uid, by=by, at=now)
                record = transferred(space.id, to=heir_uid, by=by, at=now)
                writes += [owner, changing(space, workspace_fields(changed)), record]
        return writes


def _owner_of(space_id: str, heir: Member, place: Stored | None, *, at: datetime) -> Write:
    if place is not None:
        return Change(place, {"role": Role.OWNER.value, "expireAt": None})
    owner = Member(
        workspace_id=space_id,
        uid=heir.uid,
        role=Role.OWNER,
        display_name=heir.display_name,
        photo_url=heir.photo_url,
        expire_at=None,
        parent_id=heir.workspace_id,
        created_at=at,
    )
    return Create(member_path(space_id, heir.uid), member_fields(owner))
