"""A bounded, thread-safe list of what arrived, which one can wait on."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Keeps the last `limit` items in memory, in order of arrival."""

    def __init__(self, limit: int) -> None:
        self._items: deque[T] = deque(maxlen=limit)
        self._arrived = threading.Condition()

    def add(self, item: T) -> None:
        """Append an item, forgetting the oldest one when full, and wake whoever waits."""
        with self._arrived:
            self._items.append(item)
            self._arrived.notify_all()

    def items(self) -> list[T]:
        """List what is kept, oldest first."""
        with self._arrived:
            return list(self._items)

    def clear(self) -> None:
        """Forget everything."""
        with self._arrived:
            self._items.clear()

    def wait_for(self, what: int | Callable[[T], bool], timeout_s: float) -> list[T]:
        """
        Wait until `what` is here, and return it, oldest first.

        A number waits for at least that many items and returns all of them; a predicate waits
        for at least one item that satisfies it and returns those that do.

        Raises:
            TimeoutError: it did not arrive within `timeout_s` seconds. The text says what did.
        """
        with self._arrived:
            self._arrived.wait_for(lambda: self._matching(what) is not None, timeout_s)
            found = self._matching(what)
            if found is None:
                raise TimeoutError(self._complaint(what, timeout_s))
            return found

    def _matching(self, what: int | Callable[[T], bool]) -> list[T] | None:
        if isinstance(what, int):
            return list(self._items) if len(self._items) >= what else None
        return [item for item in self._items if what(item)] or None

    def _complaint(self, what: int | Callable[[T], bool], timeout_s: float) -> str:
        wanted = f"{what} items" if isinstance(what, int) else "a matching item"
        latest = "".join(f"\n  {item!r}" for item in list(self._items)[-10:])
        return f"Not {wanted} within {timeout_s} s, but {len(self._items)} items:{latest}"
