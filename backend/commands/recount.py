"""Count tasks again: `python -m backend.cli recount [WORKSPACE...]`."""

import argparse

from backend.bootstrap import build_ports
from backend.settings import read_settings
from backend.statistics.recounting import Recounting


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `recount` to the command line."""
    parser = commands.add_parser("recount", help="make the totals of workspaces right again")
    parser.add_argument(
        "workspaces", nargs="*", metavar="WORKSPACE", help="ids; without any, all there are"
    )
    parser.set_defaults(run=_recount)


def _recount(chosen: argparse.Namespace) -> int:
    ports = build_ports(read_settings())
    recounting = Recounting(ports.store, ports.clock)
    named = ((each, recounting.one(each)) for each in chosen.workspaces)
    for workspace_id, counted in named if chosen.workspaces else recounting.all():
        verdict = "was right" if counted.was_right else "put right"
        print(workspace_id, f"{counted.tasks} tasks", verdict, sep="\t")
    return 0
