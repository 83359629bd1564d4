"""Turns Ctrl-C, SIGTERM, a closed terminal and a parent's end into one question: stop now?"""

import contextlib
import os
import select
import signal
import time
from types import FrameType

from local.marked import end_marked

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KILLED_AT_ONCE = 130
SECOND_THOUGHT_S = 0.3  # One Ctrl-C may arrive twice; a person's second one takes longer.


class StopRequests:
    """
    Whether the stack was asked to stop.

    A second Ctrl-C does not wait for anything: it kills every process that carries `mark`, and
    this one. A second SIGTERM does not, because `make` passes on the one that we got already.
    """

    def __init__(self, mark: str, *, with_parent: bool) -> None:
        self._mark = mark
        self._parent = os.getppid() if with_parent else None
        self._terminal = select.poll()
        if os.isatty(0):
            self._terminal.register(0, select.POLLHUP)
        self._asked, self._asked_at = False, time.monotonic()
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def __call__(self) -> bool:
        """Say whether to stop."""
        return self._asked or self._is_parent_gone() or self._is_terminal_gone()

    def _is_parent_gone(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent

    def _is_terminal_gone(self) -> bool:
        # SIGHUP goes to the first program of a session only. Over ssh that may be `make`, which
        # then waits for us and tells us nothing.
        return bool(self._terminal.poll(0))

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self._asked:
            self._asked, self._asked_at = True, now
        if number != signal.SIGINT or now - self._asked_at < SECOND_THOUGHT_S:
            return
        end_marked(self._mark)
        with contextlib.suppress(OSError):
            os.write(1, b"\nKilled. What was not saved yet is lost.\n")
        os._exit(KILLED_AT_ONCE)
