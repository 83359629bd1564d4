"""The command line of a stand-in: its ports, how it stops, what it says when it cannot start."""

import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from local.problems import EXIT_CODE, Problem

T = TypeVar("T")
_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def add_port(parser: ArgumentParser, option: str, *, setting: str, default: int) -> None:
    """Add a port option; without it the environment's `setting` holds, then `default`."""

    def port(text: str) -> int:
        if not text.isdecimal() or int(text) > 65535:
            raise ArgumentTypeError(f"{text!r} is not a port (0 to 65535), see also {setting}")
        return int(text)

    parser.add_argument(
        option,
        type=port,
        default=os.environ.get(setting) or str(default),
        help=f"default: {setting}, else {default}; 0 picks a free one",
    )


def run_until_stopped(
    build: Callable[[], AbstractContextManager[T]], announce: Callable[[T], str]
) -> int:
    """
    Run a stand-in until SIGTERM or SIGINT, and return the exit code.

    `build` makes it, `announce` says in one line where it is. A `Problem` becomes its sentence
    on stderr and exit code 2.
    """
    # Blocked before any thread starts, so that the signal waits for `sigwait` and interrupts
    # nothing halfway, neither a lock nor the start.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        with build() as running:
            print(announce(running), flush=True)
            signal.sigwait(_STOP_SIGNALS)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return EXIT_CODE
    return 0
