"""The clock of a rehearsal: it stands at the instant that is being rehearsed."""

from datetime import datetime

from backend.kit.clock import Clock


class RehearsalClock:
    """Moves when told to. Durations stay the machine's: a request has its deadline all the same."""

    def __init__(self, real: Clock, at: datetime) -> None:
        self._real = real
        self._now = at

    def now(self) -> datetime:
        """Return the instant that is being rehearsed."""
        return self._now

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return self._real.monotonic()

    def pause(self, seconds: float) -> None:
        """Return at once: there is nobody to wait for."""

    def move_to(self, instant: datetime) -> None:
        """Stand at an instant, unless it is past it."""
        self._now = max(self._now, instant)
