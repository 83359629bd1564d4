"""Where the stand-ins read the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as an aware UTC instant. Tests pass their own."""


def system_clock() -> datetime:
    """Read the machine's clock, in UTC."""
    return datetime.now(UTC)


def rfc3339(instant: datetime) -> str:
    """Write an aware instant as `2026-03-29T09:00:00.123456Z`."""
    utc = instant.astimezone(UTC)
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")
