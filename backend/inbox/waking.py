"""The end of a snooze: what somebody has put off comes back, unread, and is told again."""

from dataclasses import replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.inbox.badge import Badge
from backend.inbox.documents import snooze_timer
from backend.inbox.model import following, is_snoozed
from backend.kit.clock import Clock
from backend.kit.documents import Change, Fields, Remove, Stored, Write, reading
from backend.notifications.addressees import Addressees
from backend.notifications.deciding import decisions
from backend.notifications.delivery import send
from backend.notifications.documents import badge_path, notification_of, notification_path
from backend.notifications.holding import subject_of
from backend.notifications.model import Notification
from backend.timers.documents import is_due, setting_anew, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()


class Waking:
    """Ends snoozes, each once: the timer guards the commit that does it."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, addressees: Addressees
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._addressees = addressees
        self._badge = Badge(store)

    def fire(self, alarm: Alarm) -> None:
        """
        Let a notification come back at the instant that its person chose.

        What was archived in the meantime stays in the archive. What was put off further waits on.
        """
        now, uid = self._clock.now(), alarm.id_of("uid")
        path = notification_path(uid, alarm.id_of("notificationId"))
        paths = [timer_path(alarm.timer_id), path, badge_path(uid)]

        def plan() -> tuple[Outbox, list[Write]]:
            outbox = Outbox()
            timer, stored, badge = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return outbox, []
            if stored is not None and is_snoozed(stored.fields, now):
                return outbox, _waiting_on(outbox, timer, stored, now)
            outbox.writes.append(Remove(timer))
            if stored is not None:
                self._wake(outbox, stored, badge, now)
            return outbox, outbox.writes

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if len(outbox.writes) > 1:
            log.info("notification.woken", notification_id=alarm.id_of("notificationId"))

    def _wake(self, outbox: Outbox, stored: Stored, badge: Stored | None, now: datetime) -> None:
        fields, uid = stored.fields, stored.parent_id
        marks: Fields = {"snoozedUntil": None, "wakesAt": None}
        comes_back = fields.get("snoozedUntil") and fields.get("archivedAt") is None
        if comes_back:
            # As of now, so that it is found on top, where apps show the newest alone.
            marks = {**marks, "readAt": None, "createdAt": now, "updatedAt": now}
        after = {**fields, **marks}
        follows = following(after, now)
        outbox.writes.append(Change(stored, {**marks, **follows.fields}))
        by = {str(fields.get("category")): follows.by}
        outbox.writes += self._badge.moving(uid, badge, by, now)
        if comes_back:
            with reading(stored):
                notification = notification_of(replace(stored, fields=after))
            self._tell(outbox, notification, now)

    def _tell(self, outbox: Outbox, notification: Notification, now: datetime) -> None:
        """Decide anew about push and mail, by what the person wants by now."""
        to = self._addressees.of([notification.uid]).get(notification.uid)
        if to is None:
            return
        # They have chosen the very minute, so it may break their quiet hours.
        found = decisions(notification.category, notification.workspace_id, to, now, is_urgent=True)
        send(outbox, notification, found, now, subject_of(notification))


def _waiting_on(outbox: Outbox, timer: Stored, stored: Stored, now: datetime) -> list[Write]:
    until = stored.fields["snoozedUntil"]
    later = snooze_timer(stored.parent_id, stored.id, until)
    outbox.timers.append(later)
    # Should the badge be wrong as well, its doorbell, or the sweep, sees to that.
    follows = replace(following(stored.fields, now), by=0)
    return [
        setting_anew(timer, later, now=now),
        Change(stored, {**follows.fields, "wakesAt": until}),
    ]
