"""
Outlives the program that starts a stack, to leave no process behind when that one is killed.

The guardian waits for the end of its standard input. Its other end is held by the starting program
alone, so it ends with that program, whatever ended it: `kill -9` cannot be caught, but it closes
pipes. Then the guardian kills whoever still carries the stack's mark. On an orderly stop there is
nobody left to kill.
"""

import signal
import subprocess
import sys
from types import TracebackType

from local.folders import ROOT
from local.marked import end_marked


class Guardian:
    """A guardian over the processes that carry `mark`; leaving the context ends what is left."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def __enter__(self) -> "Guardian":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.guardian", self._mark],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Out of reach of Ctrl-C and of a kill of our group.
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()


def main() -> None:
    """Wait for the end of standard input, then end every process that carries the mark given."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    end_marked(sys.argv[1])


if __name__ == "__main__":
    main()
