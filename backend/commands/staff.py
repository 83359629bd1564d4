"""Appoint people to the staff: `python -m backend.cli appoint UID admin`."""

import argparse

from backend.admin.model import StaffRole
from backend.bootstrap import build_ports, build_services
from backend.kit.errors import NotFound
from backend.settings import read_settings


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `appoint` to the command line."""
    parser = commands.add_parser(
        "appoint", help="give somebody a role on the platform: how the first admin comes to be"
    )
    parser.add_argument("uid", help="the person's uid; they have called the API before")
    parser.add_argument("role", choices=[role.value for role in StaffRole])
    parser.set_defaults(run=_appoint)


def _appoint(chosen: argparse.Namespace) -> int:
    settings = read_settings()
    services = build_services(settings, build_ports(settings))
    try:
        person = services.admin.appoint_first(chosen.uid, StaffRole(chosen.role))
    except NotFound as error:
        detail = f"Nobody has the uid {chosen.uid}: they sign in and call the API once before."
        raise NotFound(detail) from error
    print(f"{person.account.uid} is {chosen.role} from their next request on.")
    return 0
