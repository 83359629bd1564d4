"""The guarantee behind the guests' timers: whose time is over, and who has none, gets another."""

from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.guests.timers import expiry_timer
from backend.kit.clock import Clock
from backend.kit.documents import Create, Query, Stored, Where
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer
from backend.timers.service import TimerService

log = structlog.get_logger()

PAGE = 100
MOST_PAGES = 20
# A timer is repaired long before that: only one that is not there needs another.
LATE_BY = timedelta(minutes=15)


class GuestSweep:
    """Looks for guests whose timer was lost. It costs one read while there is none."""

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def run(self) -> int:
        """Set the timers that are missing; return how many were."""
        now, missing = self._clock.now(), 0
        after: tuple[datetime, str] | None = None
        for _ in range(MOST_PAGES):
            page = self._overdue(now, after)
            missing += sum(self._mend(stored, now) for stored in self._without_timer(page))
            if len(page) < PAGE:
                break
            after = (page[-1].fields["expireAt"], page[-1].path)
        if missing:
            log.warning("sweep.found_guests", missed=missing)
        return missing

    def _overdue(self, now: datetime, after: tuple[datetime, str] | None) -> list[Stored]:
        # Of those who stay it is null, which no range holds.
        is_over = Where("expireAt", "<=", now - LATE_BY)
        return self._store.find(
            Query("users", limit=PAGE, where=(is_over,), order_by=("expireAt",), after=after)
        )

    def _without_timer(self, page: list[Stored]) -> list[Stored]:
        if not page:
            return []
        timers = [timer_path(_timer_of(stored).id) for stored in page]
        found = self._store.get_all(timers)
        return [each for each, timer in zip(page, found, strict=True) if timer is None]

    def _mend(self, stored: Stored, now: datetime) -> bool:
        timer = _timer_of(stored)
        setting = Create(timer_path(timer.id), timer_fields(timer, timer.state_at(now)))
        if not self._store.attempt([setting]):
            return False  # Somebody else has set it, or it has fired.
        self._timers.announce([timer], now=now)
        return True


def _timer_of(stored: Stored) -> Timer:
    return expiry_timer(stored.id, stored.fields["expireAt"])
