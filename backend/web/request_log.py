"""One line of log, one request id and one count of Firestore's documents for every request."""

import re
import secrets
from contextlib import ExitStack

import structlog
from flask import Flask, Response, g, request

from backend.adapters.firestore import metered
from backend.kit.errors import InvalidArgument
from backend.web.context import services

log = structlog.get_logger()

# W3C Trace Context: version, trace id, parent id, flags.
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def install(app: Flask) -> None:
    """Measure every request and answer with what it cost."""

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began_at = services().ports.clock.monotonic()
        g.scope = ExitStack()
        g.usage = g.scope.enter_context(metered())
        # gthread reuses threads, and with them what the last request has bound.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id, **_trace())

    @app.before_request
    def refuse_other_bodies() -> None:
        if request.content_length and not request.is_json:
            raise InvalidArgument(
                "Send a JSON body as application/json.", code="unsupported-media-type"
            )

    @app.after_request
    def describe(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.request_id
        usage = g.usage
        answer.headers["Server-Timing"] = (
            f"total;dur={_elapsed_ms():.1f}, "
            f'firestore;desc="rpcs={usage.rpcs} reads={usage.reads} writes={usage.writes}"'
        )
        for name, value in PRIVATE.items():
            answer.headers.setdefault(name, value)
        log.info(
            "http.request_finished",
            method=request.method,
            route=str(request.url_rule or ""),
            status=answer.status_code,
            duration_ms=round(_elapsed_ms(), 1),
            rpcs=usage.rpcs,
            reads=usage.reads,
            writes=usage.writes,
        )
        return answer

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if scope := g.pop("scope", None):
            scope.close()


def _elapsed_ms() -> float:
    began_at: float = g.began_at
    return (services().ports.clock.monotonic() - began_at) * 1000


def _trace() -> dict[str, str]:
    found = TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    if found is None:
        return {}
    project = services().settings.project_id
    return {"logging.googleapis.com/trace": f"projects/{project}/traces/{found[1]}"}
