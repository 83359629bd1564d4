"""What a view may ask for: the services, and who calls."""

from typing import cast

from flask import current_app, g

from backend.bootstrap import Services
from backend.kit.actor import Actor

EXTENSION = "taskflow"


def services() -> Services:
    """Return the services this application was created with."""
    return cast("Services", current_app.extensions[EXTENSION])


def actor() -> Actor:
    """Return the caller, whom `auth` has let in before any view runs."""
    return cast("Actor", g.actor)


def workspace_id(name: str) -> str:
    """Return the workspace that a path names; `me` is the caller's personal one."""
    return actor().uid if name == "me" else name
