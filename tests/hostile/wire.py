"""HTTP by hand: bytes are sent exactly as given, and answers read as they come."""

import http.client
import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

HANGS_AFTER_S = 30


@dataclass(frozen=True)
class Answer:
    """An answer, or none: `status` is 0 when the server closed the connection without a word."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    closes: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)


NOTHING = Answer(0)


def connected(url: str) -> socket.socket:
    """Connect to a server."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=HANGS_AFTER_S)


def read_answer(sock: socket.socket, method: str = "GET") -> Answer:
    """Read one answer. Whoever waits too long for it has found a hang: TimeoutError."""
    answer = http.client.HTTPResponse(sock, method=method)
    try:
        answer.begin()
        body = answer.read()
    except (http.client.BadStatusLine, ConnectionError):
        return NOTHING
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, headers, body, bool(answer.will_close))


def exchange(url: str, data: bytes, method: str = "GET") -> Answer:
    """Send bytes on a new connection, and read what comes back."""
    with connected(url) as sock:
        with suppress(ConnectionError):  # It has heard enough; perhaps it has also said why.
            sock.sendall(data)
        return read_answer(sock, method)


def is_closed(sock: socket.socket) -> bool:
    """Wait until the server has closed the connection, and say whether it did so silently."""
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True
