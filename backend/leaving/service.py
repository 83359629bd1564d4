"""Asking to be erased, and thinking better of it."""

from datetime import datetime

import structlog

from backend.accounts.documents import account_of, account_path, changing
from backend.accounts.model import Account
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Query, Where, Write
from backend.kit.errors import hidden
from backend.leaving.letters import scheduled_timer
from backend.leaving.model import GRACE, OwnedTeam, StillOwner, erasure_id, erasure_timer
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import workspace_of, workspace_path

log = structlog.get_logger()

MOST_TEAMS = 50


class LeavingService:
    """Leaving for good. Every method acts for the person who calls, on their own account."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, accounts: AccountService
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._accounts = accounts

    def ask(self, actor: Actor) -> Account:
        """
        Have the account erased once the grace is over. Asked again, the first instant stays.

        Raises:
            StillOwner: others belong to teams of the caller, who must give these away first. What
                changes about that afterwards is decided at the end of the grace: the next in rank
                becomes the owner.
        """
        now = self._clock.now()
        if teams := self._teams_with_others(actor.uid):
            raise StillOwner(
                "Transfer these workspaces to somebody else, or delete them, first.", teams=teams
            )
        outbox = Outbox()

        def plan() -> tuple[Account, list[Write]]:
            nonlocal outbox
            outbox = Outbox()
            stored = self._store.get(account_path(actor.uid))
            if stored is None:
                raise hidden()
            account = account_of(stored)
            leaving = account.leaving(erase_at=now + GRACE, at=now)
            if leaving is account:
                return account, []
            outbox.writes += [changing(stored, leaving), recording(_asked_for(actor.uid, now))]
            outbox.set(erasure_timer(actor.uid, now + GRACE), now)
            outbox.set(scheduled_timer(actor.uid, now + GRACE, now), now)
            return leaving, outbox.writes

        try:
            account = self._store.commit(plan)
        finally:
            self._accounts.forgetting(actor.uid)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("erasure.asked_for"))
        return account

    def cancel(self, actor: Actor) -> Account:
        """
        Stay. Whoever never asked to leave stays, too.

        Raises:
            FailedPrecondition: the grace is over.
        """
        now = self._clock.now()

        def plan() -> tuple[Account, list[Write]]:
            stored = self._store.get(account_path(actor.uid))
            if stored is None:
                raise hidden()
            account = account_of(stored)
            staying = account.staying(at=now)
            if staying is account or account.erase_at is None:
                return account, []
            letter = scheduled_timer(actor.uid, account.erase_at, now)
            withdrawn = [withdrawing(erasure_id(actor.uid)), withdrawing(letter.id)]
            return staying, [changing(stored, staying), *withdrawn]

        try:
            account = self._store.commit(plan)
        finally:
            self._accounts.forgetting(actor.uid)
        self._store.afterwards(lambda: log.info("erasure.cancelled"))
        return account

    def _teams_with_others(self, uid: str) -> list[OwnedTeam]:
        """
        List the teams to which others belong, too.

        Spaces go to the owners of their teams, and what lies in the trash is on its way already.
        """
        where = (Where("ownerUid", "==", uid),)
        owned = self._store.find(Query("workspaces", limit=MOST_TEAMS, where=where))
        teams = [
            workspace
            for workspace in map(workspace_of, owned)
            if workspace.id != uid and workspace.parent_id is None and workspace.purge_at is None
        ]
        return [OwnedTeam(team.id, team.name) for team in teams if self._has_others(team.id)]

    def _has_others(self, workspace_id: str) -> bool:
        members = f"{workspace_path(workspace_id)}/members"
        return len(self._store.find(Query(members, limit=2))) > 1


def _asked_for(uid: str, now: datetime) -> Entry:
    return Entry(Action.ERASURE_ASKED_FOR, actor_uid=uid, subject_uid=uid, at=now)
