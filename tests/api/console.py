"""A browser of somebody who runs the service: cookies, forms, and what pages say."""

import re
from html.parser import HTMLParser
from typing import Any

import requests

from tests.api.world import Caller, World

COOKIE = "console"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


class Browser:
    """Follows no redirects by itself, and sends what browsers send."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session = requests.Session()
        self.token = ""

    def sign_in(self, person: Caller, **claims: Any) -> requests.Response:
        """Exchange an ID token for a session."""
        token = self.world.token(person.uid, **claims)
        return self.call("POST", "/admin/session", json={"idToken": token})

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call a page by its path."""
        return self.session.request(
            method, f"{self.world.url}{path}", allow_redirects=False, timeout=30, **options
        )

    def see(self, path: str) -> requests.Response:
        """Load a page, and keep the token of its forms."""
        answer = self.call("GET", path)
        if found := re.search(r'name="token" value="(\w+)"', answer.text):
            self.token = found[1]
        return answer

    def send(self, path: str, fields: dict[str, Any] | None = None) -> requests.Response:
        """Send a form of the page loaded last."""
        return self.call("POST", path, data={"token": self.token, **(fields or {})})


def words(answer: requests.Response) -> str:
    """Return what a page says, on one line."""
    parser = _Text()
    parser.feed(answer.text)
    return " ".join(" ".join(parser.found).split())
