"""The guarantee behind the timers of snoozes: what was put off until now is back by now."""

from datetime import timedelta

import structlog

from backend.adapters.firestore import Store
from backend.inbox.documents import snooze_timer, snooze_timer_id
from backend.kit.clock import Clock
from backend.kit.documents import Query, Stored, Unchanged, Where
from backend.timers.documents import timer_path
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

# A timer whose job was lost is repaired before that: only one that is not there needs help.
LATE_BY = timedelta(minutes=15)
MOST = 100  # What is found besides is left to the next tick.


class SnoozeRepair:
    """
    Looks at notifications whose snooze should be over: one read where there is none.

    One without a timer, as after an import, is given one. One whose timer was given up is left.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def run(self) -> int:
        """Set the timers that are missing; return how many there were."""
        late = self._late()
        if not late:
            return 0
        ids = [snooze_timer_id(each.parent_id, each.id) for each in late]
        timers = self._store.get_all([*map(timer_path, ids)])
        lost = [each for each, timer in zip(late, timers, strict=True) if timer is None]
        mended = sum(map(self._mend, lost))
        if mended:
            log.warning("sweep.found_snoozes", missed=mended)
        return mended

    def _late(self) -> list[Stored]:
        is_over = Where("snoozedUntil", "<=", self._clock.now() - LATE_BY)
        return self._store.find(
            Query("notifications", MOST, (is_over,), order_by=("snoozedUntil",), group=True)
        )

    def _mend(self, stored: Stored) -> bool:
        now, outbox = self._clock.now(), Outbox([Unchanged(stored)])
        outbox.set(snooze_timer(stored.parent_id, stored.id, now), now)
        if not self._store.attempt(outbox.writes):
            return False
        self._timers.announce(outbox.timers, now=now)
        return True
