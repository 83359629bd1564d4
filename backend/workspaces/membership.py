"""What becomes of a membership: another role, an end, a removal, a departure, a transfer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.errors import FailedPrecondition, InvalidArgument, PermissionDenied, hidden
from backend.kit.ids import checked
from backend.kit.pages import PageTokens
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.departures import Departures
from backend.workspaces.documents import changing, member_fields, workspace_fields
from backend.workspaces.invite import check_end
from backend.workspaces.model import Member, Workspace
from backend.workspaces.permissions import Right, Role
from backend.workspaces.records import removed, role_set, transferred
from backend.workspaces.repository import Found, Workspaces
from backend.workspaces.service import WorkspaceService
from backend.workspaces.timers import membership_end_id, membership_end_timer

log = structlog.get_logger()

LONELY = "A personal workspace has its owner as only member."


class Memberships:
    """
    Changes of memberships. A workspace has one owner at every instant.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: WorkspaceService,
        timers: TimerService,
        held: CachedDocuments,
        tokens: PageTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._timers = timers
        self._workspaces = Workspaces(store, held, tokens)
        self._departures = Departures(self._workspaces, store)

    def change(
        self, actor: Actor, workspace_id: str, uid: str, changes: Mapping[str, Any]
    ) -> Member:
        """
        Change somebody's `role`, or when their membership ends (`expire_at`; None: never).

        Raises:
            InvalidArgument: the role is owner, or the end has passed.
            FailedPrecondition: it is the owner, or the end of a membership in a space.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.CHANGE_MEMBER)
        _check(changes, now)
        spaces: list[Found] = []

        def plan() -> tuple[tuple[Member, Outbox], list[Write]]:
            stored, member = self._current(workspace_id, uid, now)
            changed = _changed(member, changes)
            outbox = Outbox()
            if changed == member:
                return (member, outbox), []
            outbox.writes.append(changing(stored, member_fields(changed)))
            if changed.role is not member.role:
                before = member.role.value
                outbox.writes.append(role_set(changed, before=before, by=actor.uid, at=now))
            if changed.expire_at != member.expire_at:
                spaces[:] = self._workspaces.in_spaces(workspace_id, uid)
                _end_at(changed, spaces, outbox, now)
            touched.update(each.workspace_id for _, each in spaces)
            return (changed, outbox), outbox.writes

        with self._workspaces.changing(workspace_id) as touched:
            member, outbox = self._store.commit(plan)
        if outbox.writes:
            self._announce(outbox, now)
            self._store.afterwards(
                lambda: log.info(
                    "member.changed", workspace_id=workspace_id, role=member.role.value
                )
            )
        return member

    def remove(self, actor: Actor, workspace_id: str, uid: str) -> None:
        """
        Take somebody out of a workspace, and out of its spaces. Their access ends at once.

        Raises:
            FailedPrecondition: the person is the owner.
        """
        self._access.admit(actor, workspace_id, to=Right.REMOVE_MEMBER)
        self._end(workspace_id, checked(uid), by=actor.uid, refuse=_refuse_to_remove)
        self._store.afterwards(lambda: log.info("member.removed", workspace_id=workspace_id))

    def leave(self, actor: Actor, workspace_id: str) -> None:
        """
        Take the caller out of a workspace, and out of its spaces.

        Raises:
            FailedPrecondition: the caller is the owner.
        """
        try:
            self._access.admit(actor, workspace_id, to=Right.LEAVE_WORKSPACE)
        except PermissionDenied:  # By the table, the owner alone may not.
            raise FailedPrecondition(
                "An owner stays: transfer the ownership, or delete the workspace."
                if workspace_id != actor.uid
                else LONELY
            ) from None
        self._end(workspace_id, actor.uid, by=actor.uid, refuse=_refuse_to_let_go)
        self._store.afterwards(lambda: log.info("member.left", workspace_id=workspace_id))

    def transfer(self, actor: Actor, workspace_id: str, uid: str) -> Workspace:
        """
        Make another member the owner. Whoever was it becomes an admin.

        Raises:
            InvalidArgument: the person is not a member.
            FailedPrecondition: their membership has an end, or the workspace is a personal one.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.TRANSFER_WORKSPACE)
        tried: Workspace | None = None

        def plan() -> tuple[Workspace, list[Write]]:
            nonlocal tried
            found, members = self._workspaces.look(workspace_id, actor.uid, checked(uid))
            if found is None:
                raise hidden()
            stored, workspace = found
            if workspace == tried:
                return workspace, []  # Our own commit took place; only its answer was lost.
            mine = members.get(actor.uid)
            if mine is None or not mine[1].is_owner:
                raise PermissionDenied("The workspace has another owner by now.")
            theirs = _heir(workspace, members.get(uid), now)
            tried = workspace.owned_by(uid, by=actor.uid, at=now)
            if uid == actor.uid:
                return workspace, []
            return tried, [
                changing(stored, workspace_fields(tried)),
                changing(mine[0], member_fields(replace(mine[1], role=Role.ADMIN))),
                changing(theirs[0], member_fields(replace(theirs[1], role=Role.OWNER))),
                transferred(workspace_id, to=uid, by=actor.uid, at=now),
            ]

        with self._workspaces.changing(workspace_id):
            workspace = self._store.commit(plan)
        self._store.afterwards(lambda: log.info("workspace.transferred", workspace_id=workspace_id))
        return workspace

    def _current(self, workspace_id: str, uid: str, now: datetime) -> Found:
        found = self._workspaces.membership(workspace_id, checked(uid))
        if found is None or not found[1].is_current(now):
            raise hidden()
        return found

    def _end(
        self, workspace_id: str, uid: str, *, by: str, refuse: Callable[[Member], None]
    ) -> None:
        now = self._clock.now()
        tried = False

        def plan() -> tuple[Outbox, list[Write]]:
            nonlocal tried
            outbox = Outbox()
            found = self._workspaces.membership(workspace_id, uid)
            if found is None:
                if tried:
                    return outbox, []  # Done: by us, our answer being lost, or by another.
                raise hidden()
            refuse(found[1])
            tried = True
            if by != uid:
                outbox.writes.append(removed(found[1], by=by, at=now))
            touched.update(self._departures.ending(found, by=by, outbox=outbox, now=now))
            return outbox, outbox.writes

        with self._workspaces.changing(workspace_id) as touched:
            outbox = self._store.commit(plan)
        self._announce(outbox, now)

    def _announce(self, outbox: Outbox, now: datetime) -> None:
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))


def _check(changes: Mapping[str, Any], now: datetime) -> None:
    if changes.get("role") is Role.OWNER:
        raise InvalidArgument(
            "A workspace gets another owner by a transfer of ownership.", pointer="/role"
        )
    check_end(changes.get("expire_at"), pointer="/expireAt", at=now)


def _changed(member: Member, changes: Mapping[str, Any]) -> Member:
    if member.workspace_id == member.uid:
        raise FailedPrecondition(LONELY)
    if member.is_owner:
        raise FailedPrecondition("The owner's role changes by a transfer of ownership.")
    changed = replace(member, **changes)
    if member.parent_id is not None and changed.expire_at != member.expire_at:
        raise FailedPrecondition("A membership in a space ends with the one in its team.")
    return changed


def _end_at(changed: Member, spaces: list[Found], outbox: Outbox, now: datetime) -> None:
    """Move the end of a membership, and of those in the spaces that hang on it."""
    for stored, member in spaces:
        moved = replace(member, expire_at=changed.expire_at)
        outbox.writes.append(changing(stored, member_fields(moved)))
    if changed.expire_at is None:
        outbox.writes.append(withdrawing(membership_end_id(changed.workspace_id, changed.uid)))
    else:
        timer = membership_end_timer(changed.workspace_id, changed.uid, at=changed.expire_at)
        outbox.set(timer, now)


def _heir(workspace: Workspace, found: Found | None, now: datetime) -> Found:
    if workspace.is_personal:
        raise FailedPrecondition("A personal workspace stays its owner's.")
    if found is None or not found[1].is_current(now):
        raise InvalidArgument("This person is not in the workspace.", pointer="/uid")
    if found[1].expire_at is not None:
        raise FailedPrecondition("Whose membership has an end cannot own the workspace.")
    return found


def _refuse_to_remove(member: Member) -> None:
    if member.is_owner:
        raise FailedPrecondition("The owner cannot be removed.")


def _refuse_to_let_go(member: Member) -> None:
    if member.is_owner:  # Since a moment ago.
        raise FailedPrecondition("An owner stays: transfer the ownership, or delete the workspace.")
