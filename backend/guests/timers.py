"""The timers of a guest: when their time is over, and when a merge has work to do."""

from datetime import datetime, timedelta

from backend.kit.ids import derived_id
from backend.timers.model import Timer, TimerKind

# Nobody may read or write once the time is over. What was let in just before, and still runs, is
# waited for, so that it leaves nothing behind the purge.
TIDIED_AFTER = timedelta(minutes=1)


def expiry_timer_id(uid: str) -> str:
    """Return the id of the timer that ends a guest's time."""
    return derived_id(TimerKind.GUEST_EXPIRY.value, uid)


def expiry_timer(uid: str, expire_at: datetime) -> Timer:
    """Return the timer that ends a guest's time at `expire_at`."""
    at = expire_at + TIDIED_AFTER
    return Timer(expiry_timer_id(uid), TimerKind.GUEST_EXPIRY, {"uid": uid}, at)
