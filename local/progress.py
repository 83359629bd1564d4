"""Tells a person what is under way: a live line on a terminal, plain lines elsewhere."""

import contextlib
import os
import shutil
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

REFRESH_S = 1.0
REMINDER_S = 30.0  # Where no line can be rewritten, say now and then that it goes on.
NAME_WIDTH = 24


class Progress:
    """
    Names what is under way with the seconds it has taken, and keeps a line for what is done.

    To be used as a context; it may be told from several threads.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._is_live = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._under_way: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._refresh, daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        with self._lock:
            self._erase()

    def begin(self, name: str, note: str = "") -> None:
        """Say that `name` is under way; `note` is for a first time that takes long."""
        with self._lock:
            self._under_way[name] = time.monotonic()
            if note:
                self._line(f"  {name} … {note}")

    def done(self, name: str) -> None:
        """Say that `name` is done, and how long it took."""
        with self._lock:
            took_s = time.monotonic() - self._under_way.pop(name)
            self._line(f"  {name:<{NAME_WIDTH}} {took_s:6.1f} s")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        with self._lock:
            self._line(line)

    def _refresh(self) -> None:
        drawn_at = time.monotonic()
        while not self._ended.wait(REFRESH_S):
            now = time.monotonic()
            if not self._is_live and now - drawn_at < REMINDER_S:
                continue
            drawn_at = now
            with self._lock:
                if self._under_way:
                    self._draw(now)

    def _draw(self, now: float) -> None:
        parts = [f"{name} {now - since:.0f} s" for name, since in self._under_way.items()]
        text = f"  … {', '.join(parts)}"
        self._erase()
        columns = shutil.get_terminal_size().columns
        self._write(text[: columns - 1] if self._is_live else f"{text}\n")

    def _line(self, line: str) -> None:
        self._erase()
        self._write(f"{line}\n")

    def _erase(self) -> None:
        if self._is_live:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # The terminal may be gone; the work goes on.
            self._out.write(text)
            self._out.flush()
