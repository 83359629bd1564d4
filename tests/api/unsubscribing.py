"""The way out of mail, as mail programs and people take it."""

import re
from typing import Any

import requests

from backend.notifications.unsubscribe_tokens import Subscription, UnsubscribeTokens
from tests.api.world import Caller, World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # RFC 8058, section 3.2.


def address_of(world: World, person: Caller, name: str = "comment") -> str:
    """Where a mail of ours to this person leads out of such mails."""
    tokens = UnsubscribeTokens(world.services.settings.signing_secret)
    return f"{world.url}/unsubscribe/{tokens.token(Subscription(person.uid, name))}"


def click(address: str, **options: Any) -> requests.Response:
    """Unsubscribe as a mail program does: it follows nowhere, and shows nothing of itself."""
    options = options or {"data": ONE_CLICK}
    return requests.post(address, timeout=60, allow_redirects=False, **options)


def way_back(page: requests.Response) -> str:
    """What the page's button would send to take it back; "" where it has none."""
    found = re.search(r'name="wayBack" value="([^"]+)"', page.text)
    return found[1] if found else ""


def take_back(address: str, way: str) -> requests.Response:
    """Press that button."""
    return requests.post(
        f"{address}:undo", data={"wayBack": way}, timeout=60, allow_redirects=False
    )


def settings_of(world: World, person: Caller) -> dict[str, Any] | None:
    """The person's own settings, as they are stored."""
    return world.document(f"users/{person.uid}/settings/notifications")


def choose(world: World, person: Caller, **fields: Any) -> None:
    """Have somebody write settings, as an app does."""
    settings = {
        "matrix": {},
        "quietHours": None,
        "digests": {"daily": None, "weekly": None},
        "bundleMinutes": 5,
        "rev": 1,
        "updatedAt": world.clock.now(),
    }
    world.write(f"users/{person.uid}/settings/notifications", {**settings, **fields})
