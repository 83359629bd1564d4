"""Take in a mail that came back: `python -m backend.cli mail-report < mail`, for a mail server."""

import argparse
import sys

from backend.bootstrap import build_ports, build_services
from backend.kit.errors import TaskFlowError
from backend.server.arrival import MAX_BODY_BYTES
from backend.settings import read_settings

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h: mail servers keep the mail, and come again.


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `mail-report` to the command line."""
    parser = commands.add_parser(
        "mail-report",
        help="take in a bounce or a complaint from standard input, as a mail server pipes it",
    )
    parser.set_defaults(run=_take)


def _take(_chosen: argparse.Namespace) -> int:
    # What is longer broke off: reports say what they have to say at their beginning.
    raw = sys.stdin.buffer.read(MAX_BODY_BYTES)
    settings = read_settings()
    try:
        taken = build_services(settings, build_ports(settings)).mail_reports.take(raw)
    except TaskFlowError as error:
        if not error.retryable:
            raise
        print(error.detail, file=sys.stderr)
        return TRY_LATER
    print(taken.value)
    return 0
