"""React to notification settings: their person's summaries come when these say."""

import structlog

from backend.accounts.documents import account_path
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Write
from backend.notifications.preferences import preferences_path
from backend.reactions.digests import digest_shadow_path, following_digests
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()


class SettingsReactor:
    """
    Looks at settings that were changed, by the API or by the app itself.

    All else that they say is read when a notification is decided about.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def react(self, uid: str) -> bool:
        """Set or withdraw the timers of a person's summaries; False if they were right."""
        now = self._clock.now()
        paths = [account_path(uid), preferences_path(uid), digest_shadow_path(uid)]

        def plan() -> tuple[Outbox, list[Write]]:
            account, settings, shadow = self._store.get_all(paths)
            outbox = following_digests(uid, account, settings, shadow, now)
            return outbox, outbox.writes

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if outbox.writes:
            log.info("settings.reacted", writes=len(outbox.writes))
        return bool(outbox.writes)

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found the settings."""
        return self.react(stored.parent_id)
