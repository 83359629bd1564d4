"""The only place that asks what time it is, or waits for it to pass."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Services take it as a port, so that tests can move it."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds from a point that never jumps: for durations, never for dates."""

    def pause(self, seconds: float) -> None:
        """Let `seconds` pass: a back-off between two attempts."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        time.sleep(seconds)
