"""Look for somebody in everything stored: `python -m backend.cli scan TERM...`."""

import argparse
import sys

from backend.bootstrap import build_ports
from backend.leaving.scan import Scan
from backend.settings import read_settings

FOUND = 1


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `scan` to the command line."""
    parser = commands.add_parser(
        "scan", help="find uids, addresses or names in all documents and names of files"
    )
    parser.add_argument("terms", nargs="*", metavar="TERM", help="or one a line on standard input")
    parser.set_defaults(run=_scan)


def _scan(chosen: argparse.Namespace) -> int:
    # From standard input they get into no list of processes, and no history of a shell.
    terms = chosen.terms or [line.strip() for line in sys.stdin if line.strip()]
    settings = read_settings()
    ports = build_ports(settings)
    is_found = False
    for finding in Scan(ports.store, ports.blobs if settings.storage_bucket else None).find(terms):
        is_found = True
        print(finding.place, finding.field, finding.term, sep="\t")
    if not is_found:
        print("Nothing was found.", file=sys.stderr)
    return FOUND if is_found else 0
