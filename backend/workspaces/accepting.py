"""Accepting an invitation: once, and only by whom it was sent to."""

from datetime import datetime

import structlog

from backend.accounts.service import AccountService
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor, Identity
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Write
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import PageTokens
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import (
    changing,
    invite_fields,
    invite_of,
    invite_path,
    member_fields,
    member_of,
    member_path,
    workspace_of,
    workspace_path,
)
from backend.workspaces.invite_tokens import InviteTokens
from backend.workspaces.model import Member
from backend.workspaces.repository import Found, Workspaces
from backend.workspaces.spaces import refuse_unless_team
from backend.workspaces.timers import membership_end_timer

log = structlog.get_logger()


class Accepting:
    """Turns an invitation into a membership."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        timers: TimerService,
        held: CachedDocuments,
        pages: PageTokens,
        tokens: InviteTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._timers = timers
        self._tokens = tokens
        self._workspaces = Workspaces(store, held, pages)

    def accept(self, actor: Actor, identity: Identity, token: str) -> Member:
        """
        Make the caller a member as they were invited. Doing so again changes nothing.

        Raises:
            NotFound: the token is none of ours, or was sent to another address.
            FailedPrecondition: it was used, replaced or revoked, or its time is over.
            InvalidArgument: the caller belongs to 50 workspaces already.
        """
        ref = self._tokens.read(token)
        if ref is None:
            raise hidden()
        token_hash = self._tokens.token_hash(ref)
        return self._accept(actor, identity, ref.workspace_id, ref.invite_id, token_hash)

    def accept_known(
        self, actor: Actor, identity: Identity, workspace_id: str, invite_id: str
    ) -> Member:
        """
        Make the caller a member as the latest sending of an invitation says, without its link.

        That the address is theirs they have proved already: a notification told them of it.

        Raises:
            As `accept`.
        """
        return self._accept(actor, identity, checked(workspace_id), checked(invite_id), None)

    def _accept(
        self,
        actor: Actor,
        identity: Identity,
        workspace_id: str,
        invite_id: str,
        token_hash: str | None,
    ) -> Member:
        now = self._clock.now()
        if identity.email is None:
            raise hidden()
        address = identity.email.lower()
        account = self._accounts.me(actor)

        def plan() -> tuple[tuple[Member, Outbox], list[Write]]:
            team, stored, place = self._store.get_all(
                [
                    workspace_path(workspace_id),
                    invite_path(workspace_id, invite_id),
                    member_path(workspace_id, actor.uid),
                ]
            )
            invite = invite_of(stored) if stored else None
            if team is None or stored is None or invite is None or invite.email_lower != address:
                raise hidden()
            here = (place, member_of(place)) if place else None
            member = here[1] if here and here[1].is_current(now) else None
            outbox = Outbox()
            sending = token_hash or invite.token_hash
            if member and invite.accepted_by == actor.uid and invite.token_hash == sending:
                return (member, outbox), []
            used = invite.accepted(by=actor.uid, token_hash=sending, at=now)
            outbox.writes.append(changing(stored, invite_fields(used)))
            if member is not None:  # By another way: what they are already, they stay.
                return (member, outbox), outbox.writes
            refuse_unless_team(workspace_of(team))
            self._workspaces.refuse_one_more(actor.uid)
            member = Member.joined(
                account,
                workspace_id,
                invite.role,
                at=now,
                expire_at=invite.membership_ends_at,
            )
            _join(member, here, outbox, now)
            return (member, outbox), outbox.writes

        with self._workspaces.changing(workspace_id):
            member, outbox = self._store.commit(plan)
        if outbox.writes:
            self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
            self._store.afterwards(lambda: log.info("invite.accepted", workspace_id=workspace_id))
        return member


def _join(member: Member, here: Found | None, outbox: Outbox, now: datetime) -> None:
    fields = member_fields(member)
    path = member_path(member.workspace_id, member.uid)
    outbox.writes.append(Change(here[0], fields) if here else Create(path, fields))
    if member.expire_at is not None:
        timer = membership_end_timer(member.workspace_id, member.uid, at=member.expire_at)
        outbox.set(timer, now)
