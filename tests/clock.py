"""A clock that tests move."""

import threading
import time
from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Stands still at the machine's present until moved; back-offs pass for real, but briefly."""

    def __init__(self, at: datetime | None = None) -> None:
        self._now = at or datetime.now(UTC)
        self._moved_s = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return time.monotonic() + self._moved_s

    def pause(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.2))

    def advance(self, by: timedelta) -> None:
        with self._lock:
            self._now += by
            self._moved_s += by.total_seconds()

    def move_to(self, instant: datetime) -> None:
        self.advance(instant - self.now())
