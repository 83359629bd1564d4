"""Errors as RFC 9457 problems: the one table from canonical kinds to HTTP."""

import json
from typing import Any

import structlog
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from backend.kit.errors import (
    Aborted,
    DataLoss,
    FailedPrecondition,
    Fault,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Stale,
    TaskFlowError,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger()

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

STATUS: dict[type[TaskFlowError], int] = {
    InvalidArgument: 422,
    Unauthenticated: 401,
    PermissionDenied: 403,
    NotFound: 404,
    FailedPrecondition: 409,
    Aborted: 409,
    Stale: 412,
    Unavailable: 503,
    DataLoss: 500,
}

# An invalid argument that is the request itself, not a value in it.
UNREADABLE = {"malformed-request": 400, "unsupported-media-type": 415}

# Faults that Flask and Werkzeug find themselves: their status, our stable code.
CODES = {
    400: "malformed-request",
    401: "unauthenticated",
    403: "permission-denied",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "payload-too-large",
    415: "unsupported-media-type",
    422: "validation-failed",
    429: "rate-limited",
    500: "internal",
    503: "unavailable",
}

TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not take that method",
    406: "No such representation",
    409: "Not possible now",
    412: "It has changed in the meantime",
    413: "Too large",
    415: "Send JSON",
    422: "Something in the request is not valid",
    429: "Too many requests",
    500: "Our mistake",
    503: "Not available at the moment",
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem document: `type title status detail code requestId errors`."""
    body: dict[str, Any] = {
        "type": f"/errors/{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "requestId": g.get("request_id", ""),
    }
    if faults:
        body["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
            for fault in faults
        ]
    answer = Response(json.dumps(body), status=status, content_type=CONTENT_TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    answer.headers.update(headers or {})
    return answer


def answer_expected(error: TaskFlowError) -> Response:
    """Answer a failure of our own kinds."""
    by_kind = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    status = UNREADABLE.get(error.code, by_kind)
    faults = error.faults if isinstance(error, InvalidArgument) else ()
    return problem(status, error.code, error.detail, faults=faults)


def answer_http(error: HTTPException) -> Response:
    """Answer a failure that Flask, Werkzeug or webargs found."""
    status = error.code or 500
    # webargs hangs its messages on the exception.
    messages = (getattr(error, "data", None) or {}).get("messages")
    if status == 422 and messages:
        faults = tuple(_faults(messages))
        is_unknown = all(fault.code == "unknown-field" for fault in faults)
        code = "unknown-field" if is_unknown else "validation-failed"
        return problem(422, code, "See `errors` for each value at fault.", faults=faults)
    headers = {}
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        headers["Allow"] = ", ".join(sorted(allowed))
    detail = error.description or TITLES.get(status, "Error")
    return problem(status, CODES.get(status, "malformed-request"), detail, headers=headers)


def answer_unexpected(error: Exception) -> Response:
    """Answer a bug of ours: the caller learns the request id, the log the rest."""
    log.error("http.request_broke", error=type(error).__name__, exc_info=error)
    return problem(500, "internal", "This is our mistake. It was recorded.")


def install(app: Flask) -> None:
    """Make every error of the application a problem document."""
    app.register_error_handler(TaskFlowError, answer_expected)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_unexpected)


def _faults(messages: Any, pointer: str = "") -> list[Fault]:
    if isinstance(messages, dict):
        # webargs files everything under where it was found; pointers begin at the value itself.
        is_location = pointer == "" and set(messages) <= {"json", "query", "path", "headers"}
        return [
            fault
            for key, inner in messages.items()
            for fault in _faults(inner, pointer if is_location else f"{pointer}/{_escaped(key)}")
        ]
    return [Fault(pointer.removesuffix("/_schema"), _code(text), str(text)) for text in messages]


def _code(message: object) -> str:
    return "unknown-field" if message == "Unknown field." else "invalid"


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
