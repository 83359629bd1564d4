"""One line of log, one id, one place in a trace and one count of documents for every request."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, Response, g, request

from backend.adapters.firestore import Usage, metered
from backend.adapters.tracing import Span, Work
from backend.kit import trace
from backend.kit.errors import TaskFlowError
from backend.kit.logging import trace_keys
from backend.web.context import services

log = structlog.get_logger()

# Whatever else a client sends as a method is its own text, and goes nowhere.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
NO_ROUTE = "none"
DONE, FAILED, BROKE = "done", "failed", "broke"


@dataclass(slots=True)
class Unit:
    """What a request from our own queue was for. `outcome` is one of a few words."""

    kind: str
    name: str
    outcome: str = DONE
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Record:
    """What is told of a request when it has ended: nothing of it is the client's own text."""

    began_at: float
    usage: Usage
    span: Span
    scope: ExitStack
    method: str
    route: str
    status: int = 500  # What becomes of a request that never got an answer.
    unit: Unit | None = None


def install(app: Flask) -> None:
    """Measure every request, answer with what it cost, and log it once when all is over."""

    @app.before_request
    def begin() -> None:
        scope = ExitStack()
        method = request.method if request.method in METHODS else "OTHER"
        route = str(request.url_rule or NO_ROUTE)
        # Set before anything that can fail: `end` gives back whatever was taken.
        g.request_id = secrets.token_hex(8)  # Ours: a client's could imitate another's.
        ports = services().ports
        span = scope.enter_context(
            ports.tracing.span(
                f"{method} {route}", _kind_of_work(), follows=trace.read(_traceparent())
            )
        )
        # gthread reuses threads, and with them what the last request has bound.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request_id=g.request_id, **trace_keys(span.trace, services().settings.project_id)
        )
        g.record = Record(
            began_at=ports.clock.monotonic(),
            usage=scope.enter_context(metered()),
            span=span,
            scope=scope,
            method=method,
            route=route,
        )
        ports.metrics.request_began()

    @app.after_request
    def describe(answer: Response) -> Response:
        record: Record = g.record
        usage = record.usage
        record.status = answer.status_code
        answer.headers["X-Request-Id"] = g.request_id
        answer.headers["Server-Timing"] = (
            f"total;dur={_elapsed_s(record) * 1000:.1f}, "
            f'firestore;desc="rpcs={usage.rpcs} reads={usage.reads} writes={usage.writes}"'
        )
        return answer

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        # Here and not with the answer: it runs once, whatever broke on the way out.
        record: Record | None = g.pop("record", None)
        if record is not None:
            with record.scope:
                _tell(record, g.get("problem_code", ""))
            # The server may speak on this thread before the next request begins on it.
            structlog.contextvars.clear_contextvars()


@contextmanager
def working(kind: str, name: str) -> Iterator[Unit]:
    """
    Make the request at hand count as a `job` or `tick` of that name.

    `name` must come from our own table, not from the path. An error that leaves the block decides
    the outcome.
    """
    unit = Unit(kind, name)
    g.record.unit = unit
    try:
        yield unit
    except TaskFlowError:
        unit.outcome = FAILED
        raise
    except Exception:
        unit.outcome = BROKE
        raise


def _kind_of_work() -> Work:
    return Work.JOB if request.blueprint == "internal" else Work.REQUEST


def _traceparent() -> str:
    return request.headers.get(trace.HEADER, "")


def _elapsed_s(record: Record) -> float:
    return services().ports.clock.monotonic() - record.began_at


def _tell(record: Record, code: str) -> None:
    elapsed_s, usage = _elapsed_s(record), record.usage
    _count(record, elapsed_s)
    told: dict[str, Any] = {
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "duration_ms": round(elapsed_s * 1000, 1),
        "rpcs": usage.rpcs,
        "reads": usage.reads,
        "writes": usage.writes,
        "httpRequest": {
            "requestMethod": record.method,
            "requestUrl": record.route,
            "status": record.status,
            "latency": f"{elapsed_s:.6f}s",
        },
    }
    if code and record.status >= 400:
        told["code"] = code
    name = "http.request_finished"
    if unit := record.unit:
        name = f"{unit.kind}.finished"
        told |= {unit.kind: unit.name, "outcome": unit.outcome, **unit.details}
    _describe(record, code)
    _log_at(record.status)(name, **told)


def _count(record: Record, elapsed_s: float) -> None:
    ports, unit = services().ports, record.unit
    metrics = ports.metrics
    metrics.request_finished(
        method=record.method, route=record.route, status=record.status, duration_s=elapsed_s
    )
    metrics.used(f"{unit.kind} {unit.name}" if unit else record.route, record.usage)
    if unit and unit.kind == "job":
        metrics.job_finished(unit.name, unit.outcome, duration_s=elapsed_s)
    elif unit:
        found = unit.details.get("done", 0)
        metrics.tick_finished(
            unit.name, unit.outcome, found=found, at=ports.clock.now(), duration_s=elapsed_s
        )


def _describe(record: Record, code: str) -> None:
    record.span.describe(
        http__request__method=record.method,
        http__route=record.route,
        http__response__status_code=record.status,
        taskflow__request_id=g.request_id,
        taskflow__firestore__reads=record.usage.reads,
        taskflow__firestore__writes=record.usage.writes,
    )
    if record.status >= 500:
        record.span.failed(code or str(record.status))


def _log_at(status: int) -> Any:
    if status < 500:
        return log.info
    return log.error if status == 500 else log.warning
