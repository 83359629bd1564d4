"""Looking whether a link to a new password was followed, and what follows from that."""

import structlog

from backend.accounts.documents import devices_path
from backend.accounts.timers import sign_out_timer
from backend.adapters.credentials import Credential, Credentials
from backend.adapters.firestore import Store
from backend.credentials.documents import watch_fields, watch_of, watch_path
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Remove, Stored, Where
from backend.mailing.model import mail_timer
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

MOST_DEVICES = 300  # In one commit. There are 20, and a few more for a moment.


class PasswordWatching:
    """
    Fires timers of the kind `passwordWatch`.

    When a password was changed, its old sessions end: tokens of before are revoked, and devices
    that were registered before are forgotten. Then its owner is told, once for each change. The
    session in which it was changed goes on.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, credentials: Credentials
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._credentials = credentials

    def fire(self, alarm: Alarm) -> None:
        """
        Look at Firebase Auth; set the next look, unless all links have run out.

        Raises:
            Unavailable: it does not answer. The job comes again.
        """
        now = self._clock.now()
        timer, stored = self._store.get_all(
            [timer_path(alarm.timer_id), watch_path(alarm.timer_id)]
        )
        if timer is None or not is_due(timer, alarm, now):
            return
        credential = self._credentials.find(alarm.id_of("uid"))
        if stored is None or credential is None:
            self._store.attempt([Remove(each) for each in (timer, stored) if each is not None])
            return
        self._look(timer, stored, credential)

    def _look(self, timer: Stored, stored: Stored, credential: Credential) -> None:
        now = self._clock.now()
        watch = watch_of(stored)
        changed_at = credential.password_changed_at
        outbox = Outbox()
        if has_moved := watch.has_moved(changed_at):
            self._follow(credential, outbox)
        if now >= watch.until:
            outbox.writes += [Remove(timer), Remove(stored)]
        else:
            watch = watch.looked(changed_at)
            outbox.writes.append(Change(stored, watch_fields(watch)))
            outbox.set(watch.timer(at=now), now)
        # If another delivery of this job was faster, or a new link was made, theirs stands.
        if self._store.attempt(outbox.writes):
            self._timers.announce(outbox.timers, now=now)
            if has_moved:
                log.info("password.changed")

    def _follow(self, credential: Credential, outbox: Outbox) -> None:
        changed_at, now = credential.password_changed_at, self._clock.now()
        if changed_at is None:
            return
        uid, changed = credential.uid, str(int(changed_at.timestamp() * 1000))
        outbox.set(mail_timer("passwordChanged", (uid, changed), {"uid": uid}, now), now)
        outbox.set(sign_out_timer(uid, at=changed_at), now)
        before = Where("lastSeenAt", "<", changed_at)
        devices = self._store.find(Query(devices_path(uid), limit=MOST_DEVICES, where=(before,)))
        outbox.writes += [Remove(device) for device in devices]
