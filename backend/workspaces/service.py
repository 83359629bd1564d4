"""Founding workspaces, admitting people to them, and the question who may do what."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from backend.accounts.service import AccountService
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Remove, Write
from backend.kit.errors import (
    FailedPrecondition,
    Fault,
    InvalidArgument,
    PermissionDenied,
    hidden,
)
from backend.kit.ids import checked, is_id, random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.workspaces.documents import (
    member_fields,
    member_path,
    workspace_fields,
    workspace_path,
)
from backend.workspaces.model import Member, Workspace, WorkspaceType
from backend.workspaces.permissions import ALWAYS_FRESH, Right, Role
from backend.workspaces.repository import Workspaces

log = structlog.get_logger()


class WorkspaceService:
    """Workspaces, members and their rights."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        held: CachedDocuments,
        tokens: PageTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._workspaces = Workspaces(store, held, tokens)

    def admit(self, actor: Actor, workspace_id: str, *, to: Right) -> Member:
        """
        Return the caller's membership if it carries the right.

        Raises:
            NotFound: the caller does not belong to the workspace, or no longer.
            PermissionDenied: the caller belongs to it, but may not do this.
        """
        return self.admit_naming(actor, workspace_id, {}, to=to)

    def admit_naming(
        self, actor: Actor, workspace_id: str, named: Mapping[str, Sequence[str]], *, to: Right
    ) -> Member:
        """
        As `admit`, where the request names people, who must be members too.

        One round trip, or none where the cache holds them all. Whoever manages members is looked
        up anew: who was an admin a moment ago must not make themselves one again.

        `named` holds the uids under the JSON pointer of the list they stand in.

        Raises:
            InvalidArgument: somebody named does not belong to the workspace.
        """
        people = dict.fromkeys([actor.uid, *(uid for uids in named.values() for uid in uids)])
        known, uids = checked(workspace_id), [*filter(is_id, people)]
        is_exact = to in ALWAYS_FRESH
        members = self.current_members(known, uids) if is_exact else self._held(known, uids)
        member = members.get(actor.uid)
        if member is None:
            raise hidden()
        if not member.may(to):
            raise PermissionDenied("Your role in this workspace does not allow this.")
        faults = tuple(
            Fault(f"{pointer}/{index}", "not-a-member", "This person is not in the workspace.")
            for pointer, uids in named.items()
            for index, uid in enumerate(uids)
            if uid not in members
        )
        if faults:
            raise InvalidArgument("Everyone named must belong to the workspace.", faults=faults)
        return member

    def current_members(self, workspace_id: str, uids: Sequence[str]) -> dict[str, Member]:
        """Return those of the people who belong to the workspace now, by uid. Never cached."""
        return self._current(self._workspaces.memberships(workspace_id, uids) if uids else [])

    def found_team(self, actor: Actor, *, name: str) -> Workspace:
        """Found a team workspace whose owner is the caller."""
        now = self._clock.now()
        workspace = Workspace.founded(
            random_id(), name=name, kind=WorkspaceType.TEAM, by=actor.uid, at=now
        )
        owner = Member.joined(self._accounts.me(actor), workspace.id, Role.OWNER, at=now)
        self._store.create(founding(workspace, owner))
        self._store.afterwards(lambda: log.info("workspace.founded", workspace_id=workspace.id))
        return workspace

    def get(self, actor: Actor, workspace_id: str) -> Workspace:
        """
        Return a workspace the caller belongs to.

        Raises:
            NotFound: there is none, or the caller does not belong to it.
        """
        workspace = self._workspaces.get(
            seen_by=self.admit(actor, workspace_id, to=Right.READ_WORKSPACE)
        )
        if workspace is None:
            raise hidden()
        return workspace

    def mine(self, actor: Actor) -> list[Member]:
        """Return the caller's memberships that hold now."""
        now = self._clock.now()
        found = self._workspaces.memberships_of(actor.uid)
        return [member for member in found if member.is_current(now)]

    def members(self, actor: Actor, workspace_id: str, asked: Asked) -> Page[Member]:
        """
        Return a page of the members of a workspace the caller belongs to.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self.admit(actor, workspace_id, to=Right.READ_MEMBERS)
        return self._workspaces.members(asked, seen_by=member)

    def set_member(self, actor: Actor, workspace_id: str, uid: str, *, role: Role) -> Member:
        """
        Add somebody to a team workspace, or change their role.

        Raises:
            NotFound: the caller does not belong to the workspace, or nobody of this uid exists.
            PermissionDenied: the caller may not manage members.
            FailedPrecondition: the owner's role, or a personal workspace, would change.
        """
        self.admit(actor, workspace_id, to=Right.CHANGE_MEMBER)
        _refuse_impossible_roles(actor, workspace_id, role)
        account = self._accounts.profile(uid)
        now = self._clock.now()
        joining = Member.joined(account, workspace_id, role, at=now)

        def plan() -> tuple[Member, list[Write]]:
            found = self._workspaces.membership(workspace_id, uid)
            if found is None:
                return joining, [Create(member_path(workspace_id, uid), member_fields(joining))]
            stored, member = found
            if member.role is Role.OWNER:
                raise FailedPrecondition("The owner's role changes by a transfer of ownership.")
            if member.role is role and member.is_current(now):
                return member, []
            changed = replace(member, role=role, expire_at=None)
            return changed, [Change(stored, member_fields(changed))]

        with self._workspaces.changing(workspace_id):
            member = self._store.commit(plan)
        self._store.afterwards(
            lambda: log.info("member.role_set", workspace_id=workspace_id, role=role.value)
        )
        return member

    def remove_member(self, actor: Actor, workspace_id: str, uid: str) -> None:
        """
        Take somebody out of a workspace. Their access ends at once.

        Raises:
            NotFound: the caller or the person does not belong to it.
            PermissionDenied: the caller may not manage members.
            FailedPrecondition: the person is the owner.
        """
        self.admit(actor, workspace_id, to=Right.REMOVE_MEMBER)

        def plan() -> tuple[None, list[Write]]:
            found = self._workspaces.membership(workspace_id, checked(uid))
            if found is None:
                raise hidden()
            stored, member = found
            if member.role is Role.OWNER:
                raise FailedPrecondition("The owner cannot be removed.")
            return None, [Remove(stored)]

        with self._workspaces.changing(workspace_id):
            self._store.commit(plan)
        self._store.afterwards(lambda: log.info("member.removed", workspace_id=workspace_id))

    def _held(self, workspace_id: str, uids: Sequence[str]) -> dict[str, Member]:
        return self._current(self._workspaces.memberships_held(workspace_id, uids))

    def _current(self, found: Sequence[Member | None]) -> dict[str, Member]:
        # Also of those held: a guest's membership ends on the second, whenever it was read.
        now = self._clock.now()
        return {member.uid: member for member in found if member and member.is_current(now)}


def _refuse_impossible_roles(actor: Actor, workspace_id: str, role: Role) -> None:
    if workspace_id == actor.uid:
        raise FailedPrecondition("A personal workspace has its owner as only member.")
    if role is Role.OWNER:
        raise FailedPrecondition("A workspace gets another owner by a transfer of ownership.")


def founding(workspace: Workspace, owner: Member) -> list[Write]:
    """Return the writes that bring a workspace and its owner's membership into being."""
    return [
        Create(workspace_path(workspace.id), workspace_fields(workspace)),
        Create(member_path(workspace.id, owner.uid), member_fields(owner)),
    ]
