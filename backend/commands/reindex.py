"""Write all search entries anew: `python -m backend.cli reindex`."""

import argparse

from backend.bootstrap import build_ports
from backend.search.reindexing import Reindexing
from backend.settings import read_settings


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `reindex` to the command line."""
    commands.add_parser(
        "reindex", help="let search find what was stored before there was any"
    ).set_defaults(run=lambda _: _reindex())


def _reindex() -> int:
    done = Reindexing(build_ports(read_settings()).store).run()
    print(*(f"{number} {collection}" for collection, number in done.items()), sep="\n")
    return 0
