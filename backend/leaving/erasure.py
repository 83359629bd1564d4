"""
The grace is over: everything of the person goes, for good.

Each step looks at what is there and asks no memory of what was done, so that whoever is killed
anywhere is followed by another who goes on. The account shows how far it has come:

    account, no receipt     close: nobody uses it from now on, and none is opened again
    account, open receipt   sign out; wait for the last token; leave, forget, delete, look again
    closed receipt alone    wait for the letter to go out; then the sign-in goes, and the timer
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from backend.accounts.documents import account_path
from backend.accounts.model import ERASING
from backend.adapters.credentials import Credential, Credentials
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.kit.errors import Unavailable
from backend.leaving.forgetting import Forgetting
from backend.leaving.letters import erased_letter_id, erased_timer
from backend.leaving.memberships import Farewell
from backend.leaving.model import (
    FIRST_WAIT,
    LETTER_WAITS,
    LONGEST_TOKEN,
    SETTLED,
    waiting_for_letter,
)
from backend.leaving.purge import Purge, Purged
from backend.leaving.receipts import ReceiptKind, Receipts, receipt_of, receipt_path
from backend.timers.documents import is_due, setting, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import TimerState
from backend.timers.service import TimerService

log = structlog.get_logger()


class Erasure:
    """Erases an account, at the alarms of its timer."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        credentials: Credentials,
        receipts: Receipts,
        farewell: Farewell,
        forgetting: Forgetting,
        purge: Purge,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._credentials = credentials
        self._receipts = receipts
        self._farewell = farewell
        self._forgetting = forgetting
        self._purge = purge

    def fire(self, alarm: Alarm) -> None:
        """
        Do the next step, a job's worth of it, and set the timer for the one after.

        Raises:
            Unavailable: somebody was in the way, or Firebase Auth is silent.
        """
        uid, now = alarm.id_of("uid"), self._clock.now()
        timer, account, receipt = self._store.get_all(
            [timer_path(alarm.timer_id), account_path(uid), receipt_path(uid)]
        )
        if timer is None or not is_due(timer, alarm, now):
            return
        if receipt is None:
            self._close(uid, timer, account, now)
        elif not receipt_of(receipt).is_closed:
            self._erase(uid, timer, account, receipt)
        else:
            self._end(uid, timer, receipt, now)

    def _close(self, uid: str, timer: Stored, account: Stored | None, now: datetime) -> None:
        erase_at = account.fields.get("eraseAt") if account else None
        if account is None or erase_at is None:  # Called off; or a guest's, who went before.
            self._store.attempt([Remove(timer)])
        elif erase_at > now:
            self._timers.again(timer, erase_at)
        else:
            # The timer stays due: whoever is killed here is followed at once.
            rev = int(account.fields.get("rev", 0)) + 1
            closed = {"state": ERASING, "rev": rev, "updatedAt": now}
            opening = self._receipts.opening(uid, ReceiptKind.ERASED)
            self._committed([opening, Change(account, closed)])
            log.info("erasure.began")
            self._timers.again(timer, now)

    def _erase(self, uid: str, timer: Stored, account: Stored | None, receipt: Stored) -> None:
        credential = self._credentials.find(uid)
        quiet_at = self._signed_out(uid, credential, account)
        if quiet_at > self._clock.now():
            self._timers.again(timer, quiet_at)
            return
        address = credential.email.lower() if credential and credential.email else None
        at = receipt.path
        steps: tuple[Callable[[], Purged], ...] = (
            lambda: self._farewell.leave_all(uid, counted_at=at),
            lambda: self._purge.empty_person(uid, counted_at=at, keeping_account=True),
            lambda: self._forgetting.forget(uid, address, counted_at=at),
        )
        is_clean = True
        for step in steps:
            purged = step()
            if not purged.is_done:
                self._timers.again(timer, self._clock.now())
                return
            is_clean &= not purged.deleted
        if is_clean:
            self._sign(uid, timer, account, receipt)
        else:  # Only a whole look that finds nothing is proof.
            self._timers.again(timer, self._clock.now() + SETTLED)

    def _signed_out(
        self, uid: str, credential: Credential | None, account: Stored | None
    ) -> datetime:
        """Sign the person out, unless that is done; return when no token of theirs holds."""
        since = account.fields.get("eraseAt") if account else None
        if credential is not None:
            if not credential.is_disabled:
                self._credentials.sign_out(uid)
                self._credentials.disable(uid)
                since = self._clock.now()
            elif credential.valid_since is not None:
                since = max(credential.valid_since, since or credential.valid_since)
        return (since or self._clock.now()) + LONGEST_TOKEN

    def _sign(self, uid: str, timer: Stored, account: Stored | None, receipt: Stored) -> None:
        """Delete the account, sign the receipt and send word of it, in one commit."""
        now = self._clock.now()
        locale = str(account.fields.get("locale", "")) if account else ""
        letter = erased_timer(uid, locale, now)
        again = timer_of(timer).again(now + FIRST_WAIT)
        self._committed(
            [
                self._receipts.closing(receipt, at=now, also={"users": 1} if account else {}),
                *([Remove(account)] if account else []),
                setting(letter, now=now),
                setting_anew(timer, again, now=now),
            ]
        )
        self._timers.announce([letter, again], now=now)
        log.info("erasure.receipt_signed")

    def _end(self, uid: str, timer: Stored, receipt: Stored, now: datetime) -> None:
        letter = self._store.get(timer_path(erased_letter_id(uid)))
        closed_at = receipt_of(receipt).at or now
        is_waited_for = letter is not None and letter.fields["state"] != TimerState.FAILED.value
        if is_waited_for and now < closed_at + LETTER_WAITS:
            self._timers.again(timer, now + waiting_for_letter(now - closed_at))
            return
        self._credentials.delete(uid)
        purged = self._purge.empty_person(uid)
        if purged.deleted or not purged.is_done:
            self._timers.again(timer, now + SETTLED)
        elif self._store.attempt([Remove(timer)]):
            log.info("erasure.ended")

    def _committed(self, writes: list[Write]) -> None:
        if not self._store.attempt(writes):
            raise Unavailable("Somebody was in the way. Look again.")
