"""Signing out everywhere: tokens revoked at Firebase Auth, and devices forgotten."""

from datetime import datetime

import structlog

from backend.accounts.documents import devices_path
from backend.accounts.standing import Standing
from backend.accounts.timers import sign_out_timer
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Query, Remove, Write
from backend.kit.errors import DeadlineExceeded, Unavailable
from backend.timers.documents import is_due, timer_of, timer_path, withdrawing
from backend.timers.firing import Alarm
from backend.timers.model import Timer
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

MOST_DEVICES = 300  # In one commit. There are 20, and a few more for a moment.


class Sessions:
    """
    Ends everybody's sessions but those that begin afterwards.

    Firebase Auth takes part in no commit of ours. So a timer that revokes the tokens is set in the
    commit that forgets the devices, and only then is the same done at once, within the request:
    killed between any two lines, the timer is still there. It says before which instant tokens are
    revoked, so that it never ends a session that has begun since.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        credentials: Credentials,
        standing: Standing,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._credentials = credentials
        self._standing = standing

    def end(self, actor: Actor) -> None:
        """
        Sign the caller out everywhere, and forget their devices.

        Where Firebase Auth does not answer, it is done as soon as it does.
        """
        now = self._clock.now()
        timer = sign_out_timer(actor.uid, at=now)

        def plan() -> tuple[None, list[Write]]:
            outbox = Outbox()
            outbox.set(timer, now)
            found = self._store.find(Query(devices_path(actor.uid), limit=MOST_DEVICES))
            return None, [*outbox.writes, *map(Remove, found)]

        self._store.commit(plan)
        self._store.afterwards(lambda: self._end_at_once(actor.uid, timer))

    def fire(self, alarm: Alarm) -> None:
        """Revoke the tokens of a request that was not finished, unless somebody has by now."""
        stored = self._store.get(timer_path(alarm.timer_id))
        if stored is None or not is_due(stored, alarm, self._clock.now()):
            return
        uid, before = alarm.id_of("uid"), timer_of(stored).fire_at
        if not self._is_ended(uid, before):
            self._credentials.sign_out(uid, before=before)
        self._store.attempt([Remove(stored)])
        log.info("sessions.ended")

    def _end_at_once(self, uid: str, timer: Timer) -> None:
        self._standing.sign_out(uid, before=timer.fire_at)
        try:
            self._credentials.sign_out(uid, before=timer.fire_at)
            self._store.attempt([withdrawing(timer.id)])
        except (Unavailable, DeadlineExceeded) as error:
            log.warning("sessions.end_was_delayed", code=error.code)
            self._timers.announce([timer], now=timer.fire_at)
            return
        log.info("sessions.ended")

    def _is_ended(self, uid: str, before: datetime) -> bool:
        """Say whether tokens of before are revoked: later ones must not come to hold again."""
        credential = self._credentials.find(uid)
        if credential is None:
            return True
        since = credential.valid_since
        return since is not None and since >= before.replace(microsecond=0)
