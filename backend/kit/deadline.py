"""How long the work at hand may still take, whatever it calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from backend.kit.clock import Clock
from backend.kit.errors import DeadlineExceeded

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(clock: Clock, seconds: float) -> Iterator[None]:
    """Give the enclosed code, on this thread, `seconds`; less if it already had less."""
    ends_at = clock.monotonic() + seconds
    outer = _ends_at.get()
    token = _ends_at.set(ends_at if outer is None else min(outer, ends_at))
    try:
        yield
    finally:
        _ends_at.reset(token)


def left_s(clock: Clock, *, longest: float) -> float:
    """
    Return how many seconds a call may take: `longest`, or what the deadline leaves of it.

    Raises:
        DeadlineExceeded: nothing is left.
    """
    ends_at = _ends_at.get()
    if ends_at is None:
        return longest
    left = ends_at - clock.monotonic()
    if left <= 0:
        raise DeadlineExceeded("This took too long. It may or may not have been done.")
    return min(left, longest)
