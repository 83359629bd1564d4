"""Requests to one server over a few lasting connections, many at once, from any thread."""

import os
import threading
from collections.abc import Callable, Sequence
from weakref import WeakSet

from backend.adapters.push_loop import TIMEOUT_MS, Answer, Batch, Handles, Loop


class Wire:
    """
    Posts bodies to `url`. One thread speaks for all that call; it begins with the first call.

    `on_answer` is told of each answer at once, on that thread; while `is_held()`, what has not gone
    out stays `NOT_SENT`. A request is never repeated, not even when the connection breaks: it may
    have arrived. After a fork the child has connections of its own.
    """

    def __init__(
        self,
        url: str,
        *,
        ca_file: str,
        on_answer: Callable[[Answer], None],
        is_held: Callable[[], bool],
        timeout_ms: int = TIMEOUT_MS,
    ) -> None:
        self._make: Callable[[], Loop] = lambda: Loop(
            Handles(url, ca_file, timeout_ms), on_answer, is_held
        )
        self._lock = threading.Lock()
        self._loop: Loop | None = None
        _WIRES.add(self)

    def post_all(self, authorization: str, bodies: Sequence[bytes]) -> list[Answer]:
        """Post each body once, and return the answers in the same order. Blocks; never raises."""
        if not bodies:
            return []
        batch = Batch(authorization, bodies)
        with self._lock:
            if self._loop is None or not self._loop.begin(batch):
                self._loop = self._make()
                self._loop.begin(batch)
        batch.done.wait()
        return batch.answers

    def after_fork(self) -> None:
        """Begin anew in a child process, and leave the parent's connections alone."""
        self._lock = threading.Lock()  # A thread that is no more may have held it.
        if self._loop is not None:
            self._loop.abandon()
            self._loop = None


_WIRES: WeakSet[Wire] = WeakSet()


def _after_fork() -> None:
    for wire in list(_WIRES):
        wire.after_fork()


os.register_at_fork(after_in_child=_after_fork)
