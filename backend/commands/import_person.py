"""Bring somebody's exported archive in: `python -m backend.cli import-person ARCHIVE`."""

import argparse
from pathlib import Path

from backend.bootstrap import build_ports, build_services
from backend.exporting.archive import opened
from backend.kit.errors import InvalidArgument
from backend.kit.ids import is_id
from backend.settings import read_settings


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import-person` to the command line."""
    parser = commands.add_parser(
        "import-person",
        help="bring in an archive that somebody exported; repeat it if it was interrupted",
    )
    parser.add_argument("archive", type=Path, help="the zip they downloaded")
    parser.add_argument(
        "--uid", help="their uid here, at Firebase Auth; without it, the one they had"
    )
    parser.set_defaults(run=_import)


def _import(chosen: argparse.Namespace) -> int:
    if chosen.uid is not None and not is_id(chosen.uid):
        raise InvalidArgument("A uid has 1 to 128 letters, digits, `_` or `-`.")
    settings = read_settings()
    with opened(chosen.archive) as archive:
        importer = build_services(settings, build_ports(settings)).importer
        operation = importer.run(archive, chosen.uid or archive.uid)
        exported = f"exported on {archive.started_at:%Y-%m-%d}"
    result = operation.result or {}
    counts = f"{result['documents']} documents and {result['files']} files"
    print(f"{counts} of {operation.uid}, {exported}, are in.")
    return 0
