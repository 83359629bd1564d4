"""What a view may ask for: the services, and who calls."""

from typing import cast

from flask import current_app, g, request

from backend.bootstrap import Services
from backend.kit.actor import Actor
from backend.kit.errors import InvalidArgument

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


def if_match() -> int | None:
    """
    Return the revision that `If-Match` asks for, or None without one.

    Raises:
        InvalidArgument: it is not one strong tag as we give them: `"3"`.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tag = header.strip()
    if len(tag) < 3 or tag[0] != '"' or tag[-1] != '"' or not tag[1:-1].isdecimal():
        raise InvalidArgument(
            'If-Match holds one tag as ETag gives it, such as "3".', code="malformed-request"
        )
    return int(tag[1:-1][:18])
