"""
Finds and ends every process that descends from a stack, however it detached itself.

A process group is not enough: firebase-tools starts Java and the Functions workers in sessions of
their own, where no signal to its group reaches them, and a parent that was killed leaves children
that no longer point to it. But every child inherits its environment. So a stack starts its
children with `MARK` set to a random value, and whoever carries it belongs to the stack. Each child
adds a part of its own (`3f9a.api`), so that it can be ended with its descendants and no others.
"""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

MARK = "TASKFLOW_STACK_MARK"
PROC = Path("/proc")
POLL_S = 0.02


def marked_processes(mark: str) -> list[int]:
    """Return the ids of all processes that carry `mark` or a part of it, the caller excepted."""
    found = _from_proc(mark) if PROC.joinpath("self", "environ").exists() else _from_ps(mark)
    return [pid for pid in found if pid != os.getpid()]


def end_marked(mark: str, *, within_s: float = 5.0) -> int:
    """
    Kill every process that carries `mark`, and return how many there were.

    It looks again until none is left, because a process may have forked meanwhile.
    """
    ended: set[int] = set()
    deadline = time.monotonic() + within_s
    while (living := marked_processes(mark)) and time.monotonic() < deadline:
        for pid in living:
            _kill(pid)
        ended.update(living)
        time.sleep(POLL_S)
    return len(ended)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _from_proc(mark: str) -> list[int]:
    whole, part = f"{MARK}={mark}".encode(), f"{MARK}={mark}.".encode()
    found = []
    for folder in PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            environment = folder.joinpath("environ").read_bytes()
        except OSError:  # It is somebody else's, or has just ended.
            continue
        if any(entry == whole or entry.startswith(part) for entry in environment.split(b"\0")):
            found.append(int(folder.name))
    return found


def _from_ps(mark: str) -> list[int]:
    # On macOS, -E shows the environment behind the command.
    listing = subprocess.run(
        ["ps", "-axwwE", "-o", "pid=,command="],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    wanted = re.compile(rf"^ *(\d+) .*\b{MARK}={re.escape(mark)}([.\s]|$)")
    return [int(match.group(1)) for line in listing.splitlines() if (match := wanted.match(line))]
