"""What follows from how people mark their notifications, whoever wrote the mark."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.inbox.badge import Badge
from backend.inbox.marking import Marking
from backend.inbox.model import following
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Write
from backend.notifications.documents import badge_path, decision_path, notification_path
from backend.notifications.model import Channel
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()


class InboxReactor:
    """
    Looks at a notification that an app has marked, or that was deleted.

    What was last reacted to stands in the notification itself, which guards the commit: doorbells
    that come twice, late or never change nothing about the badge, the timers or the devices.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._badge = Badge(store)
        self._marking = Marking(store)

    def react(self, uid: str, notification_id: str) -> bool:
        """Commit what follows from the marks of a notification; False if nothing was left."""
        now = self._clock.now()
        paths = [notification_path(uid, notification_id), badge_path(uid)]

        def plan() -> tuple[Outbox, list[Write]]:
            stored, badge = self._store.get_all(paths)
            outbox = Outbox()
            if stored is None:
                outbox.writes += self._badge.repairing(uid, badge, now)
            else:
                self._follow(outbox, stored, badge, now)
            return outbox, outbox.writes

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if outbox.writes:
            log.info("inbox.recounted")
        return bool(outbox.writes)

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has read the notification already: most are right."""
        is_right = not following(stored.fields, self._clock.now()).is_something
        return not is_right and self.react(stored.parent_id, stored.id)

    def _follow(self, outbox: Outbox, stored: Stored, badge: Stored | None, now: datetime) -> None:
        if not following(stored.fields, now).is_something:
            return
        push = decision_path(stored.parent_id, stored.id, Channel.PUSH)
        outbox.add(self._marking.of(stored, {}, badge, now, push=lambda: self._store.get(push)))
