"""What a view may ask for: the services, and who calls."""

from typing import cast

from flask import current_app, g

from backend.admin.model import Staff
from backend.bootstrap import Services
from backend.kit.actor import Actor, Identity

EXTENSION = "taskflow"


def services() -> Services:
    """Return the services this application was created with."""
    return cast("Services", current_app.extensions[EXTENSION])


def actor() -> Actor:
    """Return the caller, whom `auth` has let in before any view runs."""
    return cast("Actor", g.actor)


def staff() -> Staff:
    """Return what the caller is on the platform, as `auth` has just read it."""
    return cast("Staff", g.staff)


def identity() -> Identity:
    """Return what the caller's ID token says of them."""
    return cast("Identity", g.identity)


def workspace_id(name: str) -> str:
    """Return the workspace that a path names; `me` is the caller's personal one."""
    return actor().uid if name == "me" else name
