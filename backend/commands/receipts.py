"""Check a receipt of erasure: `python -m backend.cli verify-receipt FILE`."""

import argparse
import sys
from pathlib import Path

from backend.bootstrap import build_ports
from backend.kit.errors import InvalidArgument
from backend.leaving.receipts import Receipt, Receipts, receipt_from_text
from backend.settings import read_settings

NOT_GENUINE = 1


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify-receipt` to the command line."""
    parser = commands.add_parser(
        "verify-receipt", help="say whether this service signed a receipt of erasure"
    )
    parser.add_argument("file", help="the receipt from the letter; - reads standard input")
    parser.set_defaults(run=_verify)


def _verify(chosen: argparse.Namespace) -> int:
    receipt = _read(sys.stdin.read() if chosen.file == "-" else Path(chosen.file).read_text())
    settings = read_settings()
    if not Receipts(build_ports(settings).store, settings.signing_secret).is_genuine(receipt):
        print("This receipt was not signed here, or has been altered.", file=sys.stderr)
        return NOT_GENUINE
    count = sum(receipt.deleted.values())
    print(f"Genuine: {count} documents and files were deleted by {receipt.at}.")
    return 0


def _read(text: str) -> Receipt:
    try:
        return receipt_from_text(text)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidArgument("This is no receipt.") from error
