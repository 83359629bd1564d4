"""Who calls. Declared where a blueprint is mounted; what declares nothing is refused."""

from collections.abc import Callable
from enum import StrEnum

import structlog
from flask import Flask, g, request

from backend.kit.errors import Unauthenticated, hidden
from backend.web.context import services

log = structlog.get_logger()

MAX_HEADER = 10 * 1024


class Caller(StrEnum):
    """Who may call the routes of a blueprint."""

    NOBODY = "nobody"  # What every route is before its blueprint says otherwise.
    ANYONE = "anyone"
    PERSON = "person"  # Whoever shows a Firebase ID token.
    QUEUE = "queue"  # Our own job queue.


def install(app: Flask, callers: dict[str, Caller]) -> None:
    """Let in only whom the blueprint of a route declares in `callers`."""

    @app.before_request
    def let_in() -> None:
        if request.endpoint is None:
            return  # Nothing is there: the router answers 404 or 405 itself.
        CHECKS[callers.get(request.blueprint or "", Caller.NOBODY)]()


def bearer_token() -> str:
    """
    Return the bearer token of the request (RFC 6750).

    Raises:
        Unauthenticated: there is none, or not exactly one.
    """
    headers = request.headers.getlist("Authorization")
    if len(headers) != 1 or len(headers[0]) > MAX_HEADER or "," in headers[0]:
        raise Unauthenticated("Send one Authorization header: Bearer and the token.")
    scheme, _, token = headers[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the token as: Authorization: Bearer <token>.")
    return token.strip()


def _let_in_person() -> None:
    ports = services().ports
    identity = ports.identity.verify(bearer_token())
    g.actor = services().welcome.admit(identity)
    structlog.contextvars.bind_contextvars(actor_uid=g.actor.uid)


def _let_in_queue() -> None:
    services().ports.job_tokens.verify(bearer_token())


def _let_in_nobody() -> None:
    raise hidden()


CHECKS: dict[Caller, Callable[[], None]] = {
    Caller.NOBODY: _let_in_nobody,
    Caller.ANYONE: lambda: None,
    Caller.PERSON: _let_in_person,
    Caller.QUEUE: _let_in_queue,
}
