"""Runs the demo against the running stack, or against one of its own if none runs."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from local.demo.victim import MARK_SETTING, PROGRAMS
from local.folders import ROOT
from local.node import find_node
from local.problems import EXIT_CODE, Problem
from local.running import RunningStack, running_or_own_stack

SCRIPTS = Path(__file__).parent
INTERRUPTED = 130


def main() -> int:
    """Return 0 if all was as promised, 1 if something was missed, 2 if there is no stack."""
    options = _parser().parse_args()
    script = ["burst.mjs", *options.kill] if options.kill else ["tour.mjs"]
    try:
        with running_or_own_stack() as stack:
            return show(stack, script)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return EXIT_CODE
    except KeyboardInterrupt:
        return INTERRUPTED


def show(stack: RunningStack, script: Sequence[str]) -> int:
    """
    Run one of our scripts against a stack and return its exit code.

    Raises:
        Problem: there is no Node.js.
    """
    killer = [sys.executable, "-m", "local.demo.victim"]
    environment = {
        **os.environ,
        **stack.environment,
        "DEMO_KILLER": json.dumps(killer),
        MARK_SETTING: stack.mark,
    }
    command = [str(find_node()), str(SCRIPTS / script[0]), *script[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument(
        "--kill",
        nargs="+",
        choices=PROGRAMS,
        help="assign twenty tasks and kill these programs meanwhile: nothing may get lost",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
