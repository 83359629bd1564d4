"""Errors as RFC 9457 problems: what each code is in HTTP and in words is in the catalogue."""

import json
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from backend.kit.errors import DataLoss, Fault, InvalidArgument, TaskFlowError
from backend.web.catalogue import ENGLISH, english
from backend.web.context import services
from backend.web.faults import faults_of
from backend.web.language import callers_language, say_language

log = structlog.get_logger()

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
MAX_FAULTS = 50  # More help nobody, and an answer should not be larger than its request.

# Faults that Flask, Werkzeug and webargs find themselves: their status, our stable code.
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


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> Response:
    """
    Return a problem document: `type title status detail instance code requestId errors`.

    `detail` is English, and stands in answers in English; others get the catalogue's words.
    `extensions` are further members, named as in JSON.
    """
    language = callers_language()
    known = language.problems[code]
    body = {
        "type": f"/errors/{code}",
        "title": known.title,
        "status": status,
        "detail": detail if language.tag == ENGLISH else known.means,
        "instance": quote(request.path, safe="/:@!$&'()*+,;=~"),
        "code": code,
        "requestId": g.get("request_id", ""),
        **extensions,
    }
    if faults:
        body["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": language.worded(fault)}
            for fault in faults[:MAX_FAULTS]
        ]
    g.problem_code = code  # For the request's line in the log.
    answer = Response(json.dumps(body), status=status, content_type=CONTENT_TYPE)
    say_language(answer, language)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503, 504):
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    answer.headers.update(headers or {})
    return answer


def answer_expected(error: TaskFlowError) -> Response:
    """Answer a failure of our own kinds."""
    if isinstance(error, DataLoss):  # Nobody's mistake but ours, and its words name the document.
        return answer_unexpected(error)
    faults = error.faults if isinstance(error, InvalidArgument) else ()
    status = english().problems[error.code].status
    return problem(status, error.code, error.detail, faults=faults)


def answer_http(error: HTTPException) -> Response:
    """Answer a failure that Flask, Werkzeug or webargs found."""
    # webargs hangs its messages on the exception.
    if messages := (getattr(error, "data", None) or {}).get("messages"):
        faults = tuple(faults_of(messages))
        is_unknown = all(fault.code == "unknown-field" for fault in faults)
        code = "unknown-field" if is_unknown else "validation-failed"
        return problem(422, code, "See `errors` for each value at fault.", faults=faults)
    status = error.code or 500
    if status not in CODES:
        status = 400 if status < 500 else 500
    headers = {}
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        headers["Allow"] = ", ".join(sorted(allowed))
    code = CODES[status]
    return problem(status, code, english().problems[code].means, headers=headers)


def answer_unexpected(error: Exception) -> Response:
    """Answer a bug of ours: the caller learns the request id, the log the rest."""
    log.error("http.request_broke", error=type(error).__name__, exc_info=error)
    services().ports.error_reports.report(
        error, request_id=g.get("request_id", ""), route=str(request.url_rule or "none")
    )
    return problem(500, "internal", "This is our mistake. It was recorded.")


def install(app: Flask) -> None:
    """Make every error of the application a problem document."""
    app.register_error_handler(TaskFlowError, answer_expected)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_unexpected)
