"""
Commands for people: `python -m backend.cli describe`; `--help` lists the others.

Each module of `backend.commands` adds its own with `add_to(commands)`, and sets `run`, which takes
the parsed arguments and returns the exit status.
"""

import argparse
import sys

from backend.commands import (
    describe,
    import_person,
    mail_report,
    receipts,
    recount,
    reindex,
    scan,
    staff,
)
from backend.kit.errors import TaskFlowError
from backend.kit.logging import configure_logging
from backend.settings import SettingsError

COMMANDS = (describe, staff, import_person, scan, receipts, recount, reindex, mail_report)
REFUSED, CANNOT_START = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m backend.cli")
    commands = parser.add_subparsers(title="commands", required=True)
    for module in COMMANDS:
        module.add_to(commands)
    chosen = parser.parse_args(arguments)
    configure_logging("error")
    try:
        return int(chosen.run(chosen))
    except SettingsError as error:
        print(*error.faults, sep="\n", file=sys.stderr)
        return CANNOT_START
    except TaskFlowError as error:
        print(error.detail, file=sys.stderr)
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
