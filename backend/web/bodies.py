"""Bodies of requests: refused by their headers first, then read once, through the JSON gate."""

from typing import Any

from flask import Flask, current_app, g, request

from backend.kit.errors import Fault, InvalidArgument
from backend.web.arguments import Declared, check_query, declared_by
from backend.web.blueprint import ApiBlueprint
from backend.web.json_gate import pointer_to, read_json
from backend.web.paths import check_ids
from backend.web.requirements import FORM, MAIL, ONE_CLICK, route_asks_for

FORM_TYPE = "application/x-www-form-urlencoded"
PARTS_TYPE = "multipart/form-data"
MAIL_TYPE = "message/rfc822"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def install(app: Flask) -> None:
    """Refuse, by their headers alone, bodies that are no JSON (415) or too large (413)."""

    @app.before_request
    def refuse_by_headers() -> None:
        if request.endpoint is None or not _announces_body():
            return
        if (request.content_length or 0) > _limit():
            raise _too_large()
        _check_media_type()


def install_gate(app: Flask) -> None:
    """Check ids, query and body of a request before its view, whose `arguments` finds them read."""

    @app.before_request
    def gate() -> None:
        if request.endpoint is None:
            return
        is_api = isinstance(app.blueprints.get(request.blueprint or ""), ApiBlueprint)
        declared = declared_by(app.view_functions[request.endpoint])
        if is_api:
            check_ids(request.view_args or {})
            check_query(request.args, declared)
        body = _read()
        if body and not (route_asks_for(FORM) or route_asks_for(MAIL)):
            g.json_body = read_json(body)
        if is_api:
            _check_declared(declared)


def json_body() -> Any:
    """
    Return the JSON value of the request's body.

    Raises:
        InvalidArgument: it has none (`malformed-request`).
    """
    if "json_body" not in g:
        raise InvalidArgument("Send a JSON body.", code="malformed-request", pointer="")
    return g.json_body


def _announces_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _limit() -> int:
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    return limit


def _too_large() -> InvalidArgument:
    return InvalidArgument(
        f"A body has at most {_limit()} bytes.", code="payload-too-large", pointer=""
    )


def _check_media_type() -> None:
    if "Content-Encoding" in request.headers:
        raise _unsupported("Send the body as it is, without a Content-Encoding.")
    taken = (JSON, MERGE_PATCH) if request.method == "PATCH" else (JSON,)
    if route_asks_for(FORM):
        taken = (FORM_TYPE, PARTS_TYPE) if route_asks_for(ONE_CLICK) else (FORM_TYPE,)
    if route_asks_for(MAIL):
        taken = (MAIL_TYPE,)
    if request.mimetype not in taken:
        raise _unsupported(f"Send the body as {' or '.join(taken)}.")
    if request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise _unsupported("Send the body in UTF-8, which JSON is always written in.")


def _unsupported(detail: str) -> InvalidArgument:
    return InvalidArgument(detail, code="unsupported-media-type")


def _read() -> bytes:
    # One byte more than allowed: at its limit Werkzeug stops reading, and says nothing.
    request.max_content_length = _limit() + 1
    try:
        body = request.get_data()
    except Exception as error:  # The server has errors of its own for each broken encoding.
        raise InvalidArgument(
            "The body broke off or was not framed right.", code="malformed-request", pointer=""
        ) from error
    if len(body) > _limit():
        raise _too_large()
    if request.content_length is not None and len(body) != request.content_length:
        raise InvalidArgument("The body broke off.", code="malformed-request", pointer="")
    return body


def _check_declared(declared: Declared) -> None:
    if declared.needs_body:
        json_body()
    if declared.takes_body or "json_body" not in g or g.json_body == {}:
        return
    if not isinstance(g.json_body, dict):
        raise InvalidArgument("This request takes no body, or {}.", pointer="")
    raise InvalidArgument(
        "This request takes no body.",
        code="unknown-field",
        faults=tuple(
            Fault(pointer_to((None, key)), "unknown-field", "There is no such field here.")
            for key in g.json_body
        ),
    )
