"""What Firebase Auth is told of a person: whether they may sign in, and their role as a claim."""

from datetime import datetime

import structlog

from backend.accounts.documents import account_of, account_path
from backend.accounts.model import DISABLED, ERASING
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.admin.documents import staff_of, staff_path
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.kit.ids import derived_id
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind

log = structlog.get_logger()

CLAIM = "role"


def mirror_timer(uid: str, now: datetime) -> Timer:
    """Return the timer that has Firebase Auth told of somebody's present state."""
    timer_id = derived_id(TimerKind.ACCOUNT_STATE.value, uid)
    return Timer(timer_id, TimerKind.ACCOUNT_STATE, {"uid": uid}, now)


class Mirror:
    """
    Tells Firebase Auth what the documents say, whatever it was told before.

    Told first, and the timer removed after, provided that nobody set it anew meanwhile: killed in
    between, or overtaken by another change, it is told again.
    """

    def __init__(self, store: Store, clock: Clock, credentials: Credentials) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials

    def fire(self, alarm: Alarm) -> None:
        """Read the state of a person, tell it, and be done."""
        uid, now = alarm.id_of("uid"), self._clock.now()
        paths = [timer_path(alarm.timer_id), account_path(uid), staff_path(uid)]
        timer, account, staff = self._store.get_all(paths)
        if timer is None or not is_due(timer, alarm, now):
            return
        is_disabled = account is not None and account_of(account).state in (DISABLED, ERASING)
        credential = self._credentials.find(uid)
        if credential is not None:
            self._tell(uid, is_disabled=is_disabled)
            others = {name: held for name, held in credential.claims.items() if name != CLAIM}
            role = {CLAIM: staff_of(staff).role.value} if staff else {}
            if {**others, **role} != credential.claims:
                self._credentials.set_claims(uid, {**others, **role})
        removing: list[Write] = [Remove(timer)]
        if self._store.attempt(removing):
            log.info("account.mirrored", is_disabled=is_disabled)

    def _tell(self, uid: str, *, is_disabled: bool) -> None:
        if is_disabled:
            self._credentials.disable(uid)
            self._credentials.sign_out(uid)
        else:
            self._credentials.enable(uid)
