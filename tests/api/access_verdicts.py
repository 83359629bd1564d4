"""Who may call a route of the access matrix, and how it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.api.access_scene import CALLERS, Scene

DONE = range(200, 400)


def expected(done: str, forbidden: str = "", hidden: str = "", unknown: str = "") -> dict:
    """Return what each caller is answered, by their letters."""
    verdicts = dict.fromkeys(done, "done")
    verdicts |= dict.fromkeys(forbidden, 403) | dict.fromkeys(hidden, 404)
    return verdicts | dict.fromkeys(unknown, 401)


EVERYBODY = expected(CALLERS)
SIGNED_IN = expected("OAMCVXRGE", unknown="NW")
REGISTERED = expected("OAMCVXRE", forbidden="G", unknown="NW")
SEE = expected("OAMCV", hidden="XRGE", unknown="NW")
EDIT = expected("OAM", forbidden="CV", hidden="XRGE", unknown="NW")
SPEAK = expected("OAMC", forbidden="V", hidden="XRGE", unknown="NW")
MANAGE = expected("OA", forbidden="MCV", hidden="XRE", unknown="NW") | {"G": 403}
QUEUE = expected("W", unknown="NOAMCVXRGE")
NOBODY = expected("", hidden=CALLERS)
UNPROVED = expected("", forbidden="OAMCVXRGE", unknown="NW")  # They have shown no address.
STAFF = expected("", hidden="OAMCVXRGE", unknown="NW")  # None of these: tests/api/test_admin.py.


@dataclass(frozen=True)
class Row:
    """Who may, and how to ask: what stands in the path, the body, and the query."""

    verdicts: dict[str, Any]
    path: dict[str, Callable[["Scene"], str]] = field(default_factory=dict)
    body: Callable[["Scene"], Any] = lambda scene: None
    query: str = ""
