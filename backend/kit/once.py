"""A thing made on first use, once, however many threads ask for it."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """
    Calls `make` at the first `get`, and returns the same thing ever after.

    For clients that must be made after a server has forked, and not twice under load:
    `functools.cached_property` has had no lock since Python 3.12.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._lock = Lock()

    def get(self) -> T:
        """Return the thing."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
