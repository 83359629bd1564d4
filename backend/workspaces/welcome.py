"""The first call of a new person: their account and personal workspace, exactly once."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Protocol

import structlog

from backend.accounts.documents import account_fields, account_of, account_path
from backend.accounts.model import Account
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.guests.promotion import promoting
from backend.guests.timers import expiry_timer
from backend.kit.actor import Actor, Identity
from backend.kit.clock import Clock
from backend.kit.documents import Create, Write
from backend.kit.errors import hidden
from backend.timers.documents import setting
from backend.workspaces.model import Member, Workspace, WorkspaceType
from backend.workspaces.permissions import Role
from backend.workspaces.service import founding

log = structlog.get_logger()

REMEMBERED = 50_000
# A guest may be merged into an account, or purged, by another process: look again that often.
GUEST_MAX_AGE_S = 60.0


class Departed(Protocol):
    """Knows who was here once, and left nothing but a receipt."""

    def is_gone(self, uid: str) -> bool:
        """Whether an old token of this person must not open a new account."""


@dataclass(frozen=True, slots=True)
class _Known:
    is_guest: bool
    expire_at: datetime | None
    looked_up_at: float


class Welcome:
    """Turns a verified identity into an actor who has an account, and may still use it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        held: Sequence[CachedDocuments],
        departed: Departed,
    ) -> None:
        """Take the caches that hold what somebody is called, and where they belong."""
        self._store = store
        self._clock = clock
        self._held = held
        self._departed = departed
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = Lock()

    def admit(self, identity: Identity) -> Actor:
        """
        Return the actor, after opening their account if this is their first call.

        Twenty first calls at once open one account: its documents are created in one commit, and
        who loses finds them. A guest's account ends after 24 hours, unless the guest comes back
        with a way to sign in: then it stays. A process asks Firestore once per person, and about
        a guest once a minute.

        Raises:
            NotFound: a guest's time is over, or nothing is left of this person but a receipt.
        """
        known = self._known.get(identity.uid)
        if known is None or not self._is_believed(known, identity):
            known = self._looked_up(identity)
        return Actor(identity.uid, is_guest=known.is_guest)

    def _is_believed(self, known: _Known, identity: Identity) -> bool:
        if not known.is_guest:
            return True
        age_s = self._clock.monotonic() - known.looked_up_at
        is_current = known.expire_at is not None and self._clock.now() < known.expire_at
        return identity.is_guest and is_current and age_s < GUEST_MAX_AGE_S

    def _looked_up(self, identity: Identity) -> _Known:
        asked_at, now = self._clock.monotonic(), self._clock.now()
        account, is_changed = self._store.commit(lambda: self._plan(identity, now))
        if is_changed:
            for held in self._held:
                held.forget(identity.uid)
            if account.rev == 1:
                log.info("account.opened", is_guest=account.is_guest)
            else:
                log.info("guest.kept")
        if not account.is_usable(now):
            raise hidden()
        known = _Known(account.is_guest, account.expire_at, asked_at)
        self._remember(identity.uid, known)
        return known

    def _plan(self, identity: Identity, now: datetime) -> tuple[tuple[Account, bool], list[Write]]:
        stored = self._store.get(account_path(identity.uid))
        if stored is None:
            if self._departed.is_gone(identity.uid):
                raise hidden()
            account = Account.opened(identity, at=now)
            return (account, True), _opening(account, now)
        account = account_of(stored)
        if not account.is_guest or identity.is_guest or account.has_ended:
            return (account, False), []
        account, writes = promoting(
            self._store, stored, name=identity.name, photo_url=identity.photo_url, at=now
        )
        return (account, True), writes

    def _remember(self, uid: str, known: _Known) -> None:
        with self._lock:
            self._known[uid] = known
            self._known.move_to_end(uid)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _opening(account: Account, now: datetime) -> list[Write]:
    home = Workspace.founded(
        account.uid, name="Personal", kind=WorkspaceType.PERSONAL, by=account.uid, at=now
    )
    owner = Member.joined(account, home.id, Role.OWNER, at=now, expire_at=account.expire_at)
    writes = [Create(account_path(account.uid), account_fields(account)), *founding(home, owner)]
    if account.expire_at is not None:
        writes.append(setting(expiry_timer(account.uid, account.expire_at), now=now))
    return writes
