"""Asks a process over HTTP or TCP whether it answers yet."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

HOST = "127.0.0.1"
ASK_TIMEOUT_S = 2.0
POLL_S = 0.05

Check = Callable[[], bool]


def answers_http(port: int, path: str = "/") -> bool:
    """Say whether `GET path` answers with a 2xx status."""
    status, _ = ask(port, path)
    return 200 <= status < 300


def answers_tcp(port: int) -> bool:
    """Say whether somebody accepts connections at `port`."""
    try:
        with socket.create_connection((HOST, port), timeout=ASK_TIMEOUT_S):
            return True
    except OSError:
        return False


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = ASK_TIMEOUT_S,
) -> tuple[int, bytes]:
    """Return status and body of one HTTP request, or status 0 and nothing if none answered."""
    # http.client knows no proxies, which is right: all this stays on the machine.
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        content = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, content, {**kind, **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def wait_until(check: Check, *, within_s: float, gave_up: Check = lambda: False) -> bool:
    """Return True once `check` says so, or False after `within_s` or once `gave_up` says so."""
    deadline = time.monotonic() + within_s
    while not check():
        if gave_up() or time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
