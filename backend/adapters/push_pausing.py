"""Holding back while FCM wants to be left alone."""

from datetime import timedelta

from backend.kit.clock import Clock


class Pause:
    """
    Until when this process sends nothing, since FCM said so.

    Nobody waits here: whoever wants to send is told how long, and comes back by a timer. Other
    processes learn it from FCM themselves, by one message each.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = clock.now()

    def begin(self, wait_s: float) -> None:
        """Send nothing for so many seconds from now; a longer pause under way stays."""
        self._until = max(self._until, self._clock.now() + timedelta(seconds=wait_s))

    def left_s(self) -> float:
        """Return the seconds that are left; 0 where sending may go on."""
        return max(0.0, (self._until - self._clock.now()).total_seconds())
