"""A guest's time is over: everything of theirs goes, unless they have linked a way to sign in."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from backend.accounts.documents import account_fields, account_of, account_path
from backend.accounts.model import EXPIRED, MERGED, Account
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.guests.promotion import promoting
from backend.guests.recovery import Recovery
from backend.guests.timers import TIDIED_AFTER
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.kit.errors import Unavailable
from backend.leaving.purge import Purge
from backend.leaving.receipts import ReceiptKind, Receipts, receipt_path
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.service import TimerService

log = structlog.get_logger()


class GuestExpiry:
    """
    Ends the time of guests, each at the alarm of their timer.

    First the account is closed and its receipt opened, so that no token opens it again; then the
    guest cannot sign in, then documents and files go, then the receipt is signed. The timer goes
    with that, last of all: whoever is killed on the way is followed by another.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        credentials: Credentials,
        purge: Purge,
        receipts: Receipts,
        recovery: Recovery,
        held: Sequence[CachedDocuments],
    ) -> None:
        """Take the caches that hold what somebody is called, and where they belong."""
        self._store = store
        self._clock = clock
        self._timers = timers
        self._credentials = credentials
        self._purge = purge
        self._receipts = receipts
        self._recovery = recovery
        self._held = held

    def fire(self, alarm: Alarm) -> None:
        """
        Keep a guest who can sign in; delete everything of one who cannot.

        Raises:
            Unavailable: more is left to delete than fits into a job, or Firebase Auth is silent.
        """
        uid, now = alarm.id_of("uid"), self._clock.now()
        timer, stored = self._store.get_all([timer_path(alarm.timer_id), account_path(uid)])
        if timer is None or not is_due(timer, alarm, now):
            return
        if stored is not None and not self._has_ended(timer, stored, now):
            return
        self._delete(timer, uid)

    def _has_ended(self, timer: Stored, stored: Stored, now: datetime) -> bool:
        """Close the account; False where it stays, or its time comes later."""
        account = account_of(stored)
        if account.state == EXPIRED:
            return True
        if not account.is_guest:
            self._store.attempt([Remove(timer)])
            return False
        if (later := self._later(account, now)) is not None:
            self._move(timer, later)
            return False
        # A merged guest has an account to sign in to: nothing of this one is kept.
        credential = self._credentials.find(account.uid)
        if account.state != MERGED and credential is not None and not credential.is_anonymous:
            self._keep(stored, credential.display_name, credential.photo_url, now)
            return False
        closing: list[Write] = [
            Change(stored, account_fields(account.ending(EXPIRED, at=now))),
            self._receipts.opening(account.uid, ReceiptKind.GUEST_EXPIRED),
        ]
        if not self._store.attempt(closing):
            raise Unavailable("The account was changed just now. Look again.")
        return True

    def _later(self, account: Account, now: datetime) -> datetime | None:
        if account.state == MERGED:
            return self._recovery.look_after(account.uid)
        is_over = account.expire_at is None or account.expire_at <= now
        return None if is_over else account.expire_at

    def _keep(self, stored: Stored, name: str | None, photo_url: str | None, now: datetime) -> None:
        """Promote somebody who has linked, and has not called since."""
        account, writes = promoting(
            self._store, stored, name=name or "", photo_url=photo_url, at=now
        )
        if not self._store.attempt(writes):
            raise Unavailable("The account was changed just now. Look again.")
        for held in self._held:
            held.forget(account.uid)
        log.info("guest.kept")

    def _delete(self, timer: Stored, uid: str) -> None:
        self._credentials.delete(uid)
        purged = self._purge.empty_person(uid, counted_at=receipt_path(uid))
        if not purged.is_done:
            raise Unavailable("There is more to delete than fits into one job.")
        found = self._receipts.find(uid)
        if found is None:  # Closed by another, and kept no longer: nothing is left to do.
            self._store.attempt([Remove(timer)])
            return
        receipt, known = found
        closing = [] if known.is_closed else [self._receipts.closing(receipt, at=self._clock.now())]
        if self._store.attempt([*closing, Remove(timer)]):
            log.info("guest.deleted", done=sum(known.deleted.values()))

    def _move(self, timer: Stored, to: datetime) -> None:
        self._timers.again(timer, to + TIDIED_AFTER)
