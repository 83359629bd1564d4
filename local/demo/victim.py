"""
Kills programs of a running stack, the moment it is told to: `python -m local.demo.victim api …`.

It says `armed`, waits for a line on standard input, kills with SIGKILL, and says whom.
"""

import os
import signal
import sys
from dataclasses import dataclass

from local.marked import PROC, marked_processes

MARK_SETTING = "DEMO_STACK_MARK"


@dataclass(frozen=True, slots=True)
class Program:
    """How a program is told from the others: its part of the mark, a word of its command."""

    part: str
    word: str = ""


PROGRAMS = {
    "api": Program("api"),
    "scheduler": Program("scheduler"),
    "functions": Program("suite", "functions-framework"),
    "cloudtasks": Program("cloud-tasks"),
}


def main() -> int:
    """Wait for the word, kill, and report; 1 if it never came, or not everybody was there."""
    mark = os.environ[MARK_SETTING]
    print("armed", flush=True)
    if not sys.stdin.readline():
        return 1  # The demo has ended before.
    killed = {name: kill(PROGRAMS[name], mark) for name in sys.argv[1:]}
    print(", ".join(f"{name} {pids}" for name, pids in killed.items()), flush=True)
    return 0 if all(killed.values()) else 1


def kill(program: Program, mark: str) -> list[int]:
    """Send SIGKILL to every process of a program and return their ids, sorted."""
    killed = []
    for pid in sorted(marked_processes(f"{mark}.{program.part}")):
        if program.word in _command(pid):
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
    return killed


def _command(pid: int) -> str:
    try:
        return PROC.joinpath(str(pid), "cmdline").read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
