"""Founding workspaces, admitting people to them, and the question who may do what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from backend.accounts.service import AccountService
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID, Actor
from backend.kit.clock import Clock
from backend.kit.documents import Create, Write
from backend.kit.errors import Fault, InvalidArgument, PermissionDenied, hidden
from backend.kit.ids import checked, is_id, random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.timers.outbox import Outbox
from backend.workspaces.documents import (
    member_fields,
    member_path,
    workspace_fields,
    workspace_path,
)
from backend.workspaces.model import Member, Workspace, WorkspaceType
from backend.workspaces.permissions import ALWAYS_FRESH, Right, Role
from backend.workspaces.repository import Workspaces
from backend.workspaces.timers import departure_timer

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
        self,
        actor: Actor,
        workspace_id: str,
        named: Mapping[str, Sequence[str | None]],
        *,
        to: Right,
    ) -> Member:
        """
        As `admit`, where the request names people, who must be members too.

        One round trip, or none where the cache holds them all. Whoever manages members is looked
        up anew: who was an admin a moment ago must not make themselves one again.

        `named` holds the uids under the JSON pointer of the list they stand in; None is nobody.

        Raises:
            InvalidArgument: somebody named does not belong to the workspace.
        """
        people = [uid for uids in named.values() for uid in uids if uid is not None]
        members = self.admit_among(actor, workspace_id, people, to=to)
        faults = tuple(
            Fault(f"{pointer}/{index}", "not-a-member", "This person is not in the workspace.")
            for pointer, uids in named.items()
            for index, uid in enumerate(uids)
            if uid is not None and uid not in members
        )
        if faults:
            raise InvalidArgument("Everyone named must belong to the workspace.", faults=faults)
        return members[actor.uid]

    def admit_among(
        self, actor: Actor, workspace_id: str, people: Iterable[str], *, to: Right
    ) -> dict[str, Member]:
        """As `admit`; return the memberships of the caller and of those people who have one."""
        known = checked(workspace_id)
        uids = [*filter(is_id, dict.fromkeys([actor.uid, *people]))]
        is_exact = to in ALWAYS_FRESH
        members = self.current_members(known, uids) if is_exact else self._held(known, uids)
        member = members.get(actor.uid)
        if member is None:
            raise hidden()
        if not member.may(to):
            raise PermissionDenied("Your role in this workspace does not allow this.")
        return members

    def current_members(self, workspace_id: str, uids: Sequence[str]) -> dict[str, Member]:
        """Return those of the people who belong to the workspace now, by uid. Never cached."""
        return self._current(self._workspaces.memberships(workspace_id, uids) if uids else [])

    def forget(self, workspace_id: str) -> None:
        """Forget what caches hold of the members, after somebody else's write to one of them."""
        self._workspaces.forget(workspace_id)

    def departing(
        self,
        workspace_id: str,
        uid: str,
        outbox: Outbox,
        now: datetime,
        *,
        by: str = SYSTEM_UID,
    ) -> None:
        """
        Add to a commit that ends a membership what must surely follow it.

        Shortly after, the person is assigned to nothing there any more, watches nothing, and
        belongs to none of its spaces. `by` is who put them out. Whoever commits announces the
        timers of the outbox.
        """
        outbox.set(departure_timer(workspace_id, uid, by=by, at=now), now)

    def found_team(self, actor: Actor, *, name: str) -> Workspace:
        """
        Found a team workspace whose owner is the caller.

        Raises:
            InvalidArgument: the caller belongs to 50 workspaces already.
        """
        now = self._clock.now()
        self._workspaces.refuse_one_more(actor.uid)
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
        page = self._workspaces.members(asked, seen_by=member)
        # Their documents go within moments of their end; until then they stand in no list.
        now = self._clock.now()
        return replace(page, items=[each for each in page.items if each.is_current(now)])

    def member(self, actor: Actor, workspace_id: str, uid: str) -> Member:
        """
        Return a member of a workspace the caller belongs to.

        Raises:
            NotFound: the caller, or the person, does not belong to it.
        """
        self.admit(actor, workspace_id, to=Right.READ_MEMBERS)
        found = self.current_members(workspace_id, [checked(uid)]).get(uid)
        if found is None:
            raise hidden()
        return found

    def _held(self, workspace_id: str, uids: Sequence[str]) -> dict[str, Member]:
        return self._current(self._workspaces.memberships_held(workspace_id, uids))

    def _current(self, found: Sequence[Member | None]) -> dict[str, Member]:
        # Also of those held: a guest's membership ends on the second, whenever it was read.
        now = self._clock.now()
        return {member.uid: member for member in found if member and member.is_current(now)}


def founding(workspace: Workspace, owner: Member) -> list[Write]:
    """Return the writes that bring a workspace and its owner's membership into being."""
    return [
        Create(workspace_path(workspace.id), workspace_fields(workspace)),
        Create(member_path(workspace.id, owner.uid), member_fields(owner)),
    ]
