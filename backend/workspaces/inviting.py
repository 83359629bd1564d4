"""Inviting people to a team by e-mail."""

from datetime import datetime

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Write
from backend.kit.errors import InvalidArgument, hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import (
    changing,
    invite_fields,
    invite_of,
    invite_path,
    workspace_of,
    workspace_path,
)
from backend.workspaces.invite import (
    MAX_PENDING,
    OPEN_FOR,
    Invite,
    InviteState,
    check_invitation,
)
from backend.workspaces.invite_tokens import InviteRef, InviteTokens
from backend.workspaces.permissions import Right, Role
from backend.workspaces.repository import Workspaces
from backend.workspaces.service import WorkspaceService
from backend.workspaces.spaces import refuse_unless_team
from backend.workspaces.timers import invited_timer

log = structlog.get_logger()


class Inviting:
    """
    Invitations. Nobody learns from them whether an address has an account, or is a member.

    Every method raises NotFound for what the caller may not see, and
    PermissionDenied for what they see but may not do.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: WorkspaceService,
        timers: TimerService,
        held: CachedDocuments,
        pages: PageTokens,
        tokens: InviteTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._timers = timers
        self._tokens = tokens
        self._workspaces = Workspaces(store, held, pages)

    def invite(
        self,
        actor: Actor,
        workspace_id: str,
        *,
        email: str,
        role: Role,
        membership_ends_at: datetime | None = None,
    ) -> Invite:
        """
        Invite an address to a team, in place of an invitation that it has there already.

        Raises:
            InvalidArgument: nobody can be invited so, or 100 invitations are open.
            FailedPrecondition: it is no team, or it waits to be deleted.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.CREATE_INVITE)
        check_invitation(role=role, membership_ends_at=membership_ends_at, at=now)
        address = email.lower()
        invite_id = self._tokens.invite_id(workspace_id, address)
        tried: Invite | None = None

        def plan() -> tuple[tuple[Invite, Outbox], list[Write]]:
            nonlocal tried
            team, stored = self._store.get_all(
                [workspace_path(workspace_id), invite_path(workspace_id, invite_id)]
            )
            if team is None:
                raise hidden()
            refuse_unless_team(workspace_of(team))
            before = invite_of(stored) if stored else None
            outbox = Outbox()
            if before is not None and before == tried:
                return (before, outbox), []  # Our own commit took place; its answer was lost.
            if before is None or not before.is_pending(now):
                self._refuse_too_many(workspace_id, now)
            generation = before.generation + 1 if before else 1
            ref = InviteRef(workspace_id, invite_id, generation)
            tried = Invite(
                id=invite_id,
                workspace_id=workspace_id,
                email_lower=address,
                role=role,
                membership_ends_at=membership_ends_at,
                token_hash=self._tokens.token_hash(ref),
                generation=generation,
                state=InviteState.PENDING,
                invited_by=actor.uid,
                accepted_by=None,
                created_at=now,
                updated_at=now,
                expire_at=now + OPEN_FOR,
            )
            fields = invite_fields(tried)
            path = invite_path(workspace_id, invite_id)
            outbox.writes.append(Change(stored, fields) if stored else Create(path, fields))
            outbox.set(invited_timer(tried, now), now)
            return (tried, outbox), outbox.writes

        invite, outbox = self._store.commit(plan)
        self._sent(invite, outbox, now)
        return invite

    def pending(self, actor: Actor, workspace_id: str, asked: Asked) -> Page[Invite]:
        """
        Return a page of the invitations nobody has accepted, those that expire first first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self._access.admit(actor, workspace_id, to=Right.READ_INVITES)
        return self._workspaces.pending_invites(asked, seen_by=member)

    def resend(self, actor: Actor, workspace_id: str, invite_id: str) -> Invite:
        """
        Send an invitation again, with another link and seven more days. The old link is dead.

        Raises:
            FailedPrecondition: it was accepted or revoked.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.RESEND_INVITE)
        tried: Invite | None = None

        def plan() -> tuple[tuple[Invite, Outbox], list[Write]]:
            nonlocal tried
            found = self._workspaces.invite(workspace_id, checked(invite_id))
            if found is None:
                raise hidden()
            stored, invite = found
            outbox = Outbox()
            if invite == tried:
                return (invite, outbox), []
            ref = InviteRef(workspace_id, invite.id, invite.generation + 1)
            token_hash = self._tokens.token_hash(ref)
            tried = invite.sent_again(token_hash=token_hash, by=actor.uid, at=now)
            outbox.writes.append(changing(stored, invite_fields(tried)))
            outbox.set(invited_timer(tried, now), now)
            return (tried, outbox), outbox.writes

        invite, outbox = self._store.commit(plan)
        self._sent(invite, outbox, now)
        return invite

    def revoke(self, actor: Actor, workspace_id: str, invite_id: str) -> None:
        """
        Take an invitation back. Its link is dead at once; revoking it again changes nothing.

        Raises:
            FailedPrecondition: it was accepted.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.REVOKE_INVITE)

        def plan() -> tuple[bool, list[Write]]:
            found = self._workspaces.invite(workspace_id, checked(invite_id))
            if found is None:
                raise hidden()
            stored, invite = found
            revoked = invite.revoked(at=now)
            if revoked is invite:
                return False, []
            return True, [changing(stored, invite_fields(revoked))]

        if self._store.commit(plan):
            self._store.afterwards(lambda: log.info("invite.revoked", workspace_id=workspace_id))

    def _refuse_too_many(self, workspace_id: str, now: datetime) -> None:
        if self._workspaces.count_pending_invites(workspace_id, at=now) >= MAX_PENDING:
            raise InvalidArgument(
                f"{MAX_PENDING} invitations are open: revoke some, or wait.", code="limit-exceeded"
            )

    def _sent(self, invite: Invite, outbox: Outbox, now: datetime) -> None:
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(
            lambda: log.info(
                "invite.sent", workspace_id=invite.workspace_id, role=invite.role.value
            )
        )
