"""What many operations share: headers, parameters, and the problem of each status."""

from http import HTTPStatus
from typing import Any

from backend.web.catalogue import Problem, english
from backend.web.openapi.fields import ID
from backend.web.problems import CONTENT_TYPE

Part = dict[str, Any]

BEARER = "idToken"
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An ID token of Firebase Auth.",
}

COUNT: Part = {"type": "integer", "minimum": 0}
TEXT: Part = {"type": "string"}
ADDRESS: Part = {"type": "string", "format": "uri-reference"}

HEADERS: dict[str, Part] = {
    name: {"description": description, "schema": schema}
    for name, description, schema in (
        ("Content-Language", "The language of `title` and `detail`.", TEXT),
        ("ETag", "The revision of what is answered.", TEXT),
        ("Idempotent-Replayed", "`true`: the answer of an earlier request, given again.", TEXT),
        ("Link", 'The next page of a list, as `rel="next"` (RFC 8288).', TEXT),
        ("Location", "Where what was made is found.", ADDRESS),
        ("RateLimit-Limit", "How many requests there may be in the present window.", COUNT),
        ("RateLimit-Remaining", "How many of them are left.", COUNT),
        ("RateLimit-Reset", "In how many seconds the next window begins.", COUNT),
        ("Retry-After", "How many seconds to wait before the next request.", COUNT),
        ("Server-Timing", "How long it took, and what it cost in documents.", TEXT),
        (
            "Undo-Token",
            "Takes back what was done: send it to `POST /undo`. Missing where nothing is to undo.",
            TEXT,
        ),
        ("WWW-Authenticate", "How to identify oneself.", TEXT),
        ("X-Request-Id", "What to tell support.", TEXT),
    )
}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
ALWAYS = ("X-Request-Id", "Server-Timing")

# Without examples: Swagger UI would send them, the same key with everything that is tried.
REQUEST_HEADERS: dict[str, Part] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": "Makes repetition safe: a request repeated with the same key within a day "
        "has one effect and one answer. Make a random one, such as a UUID, for each new request.",
        "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "description": 'The `ETag` of what you have seen, such as `"3"`. 412 if it has moved on.',
        "schema": {"type": "string", "pattern": '^("[0-9]{1,18}"|\\*)$'},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": "The `ETag` of what you have. 304, without a body, if it is still right.",
        "schema": TEXT,
    },
    "AppCheck": {
        "name": "X-Firebase-AppCheck",
        "description": "An App Check token, where the service asks for one.",
        "schema": TEXT,
    },
}

PATH_PARAMETERS = {
    "workspace": ("The id of a workspace; `me` is your personal one.", "me"),
    "template": ("The name of a template.", "assigned"),
    "version": ("The number of a version; 0 is the built-in one.", "1"),
    "rev": ("The revision that a change made.", "2"),
    "suppression_id": (
        "The id of an entry of the suppression list.",
        "01e71f51d3dbfa96bfa880af8fa5ddfb",
    ),
    "label_id": ("The id of a label.", "Hn5dT8wCk2Qy7MrZb4Ox"),
    "task_id": ("The id of a task.", "Zk3vQ0aXy7Lr5TnWb2Pd"),
    "blocker_id": ("The id of a task that has to be done before.", "Cx7nD3vGm1Lt9WqRf5Jy"),
    "comment_id": ("The id of a comment.", "Jt6pR1zNc8Yw3DkSv5Ha"),
    "emoji": ("One emoji, percent-encoded.", "👍"),
    "attachment_id": ("The id of an attachment.", "Wc6pB9tKe2Xn4HsVd8Qj"),
    "project_id": ("The id of a project.", "Ws5kD9yHc3Rv1QbTn7Fe"),
    "board_id": ("The id of a board.", "Gx2nL6tPa8Zq4WmUj0Ob"),
    "list_id": ("The id of a list.", "Hy7rB1vMe5Sk9XcDf3Iw"),
    "job_id": ("The id of a scheduled job.", "Tn5xK8wRq2Jd7MvYb4Le"),
    "broadcast_id": ("The id of a broadcast.", "Vb7nM2xQe9Rt4LpAz6Ws"),
    "run_id": ("The id of a run of a job.", "20261120T0530Z"),
    "key": ("The key of an occurrence: its local day and time.", "20261123T0900"),
    "series_id": ("The id of a series.", "Bq8mE2wKf4Ru6YcHs1Vt"),
    "invite_id": ("The id of an invitation.", "5d1a2f0c9b8e7d6a4c3b2a1908f7e6d5c4b3a291"),
    "operation_id": ("The id of an operation.", "Vb7nM2xQe9Rt4LpAz6Ws"),
    "notification_id": ("The id of a notification.", "8c1f0a5d3e7b9246c8d0e1f2a3b4c5d6e7f80912"),
    "device_id": ("What the app calls this installation of itself, for ever.", "pixel-9-of-ann"),
    "uid": ("The uid of a person, from Firebase Auth.", "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA"),
}

# Of those that are no ids.
SCHEMAS: dict[str, Part] = {"emoji": {"type": "string", "minLength": 1, "maxLength": 64}}


def headers(*names: str) -> Part:
    """Return references to shared response headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def parameter(name: str) -> Part:
    """Return a reference to a shared request header."""
    return {"$ref": f"#/components/parameters/{name}"}


def response(status: int) -> Part:
    """Return a reference to the shared problem of a status."""
    return {"$ref": f"#/components/responses/{_name(status)}"}


def components() -> dict[str, dict[str, Part]]:
    """Return all of it, as it stands under `components`."""
    statuses = sorted({problem.status for problem in english().problems.values()})
    parameters = {
        name: {"in": "header", "required": False, **part} for name, part in REQUEST_HEADERS.items()
    }
    return {
        "headers": HEADERS,
        "parameters": parameters,
        "responses": {_name(status): _problem(status) for status in statuses}
        | {"NotModified": {"description": "What you have is still right.", "headers": _tagged()}},
        "securitySchemes": {BEARER: SECURITY_SCHEME},
    }


def path_parameter(name: str) -> Part:
    """Return what can be said of a path parameter."""
    description, example = PATH_PARAMETERS[name]
    schema = SCHEMAS.get(name, ID)
    return {"description": description, "schema": schema, "example": example}


def _problem(status: int) -> Part:
    found = [problem for problem in english().problems.values() if problem.status == status]
    schema: Part = {"$ref": "#/components/schemas/Problem"}
    if status in (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED):
        current = {"type": "object", "description": "What it is now, as `GET` would show it."}
        schema = {"allOf": [schema, {"type": "object", "properties": {"current": current}}]}
    return {
        "description": " ".join(f"`{problem.code}`: {problem.means}" for problem in found),
        "headers": headers(*ALWAYS, "Content-Language", *_headers_of(status)),
        "content": {
            CONTENT_TYPE: {
                "schema": schema,
                "examples": {problem.code: _example(problem) for problem in found},
            }
        },
    }


def _example(problem: Problem) -> Part:
    value = {
        "type": f"/errors/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.means,
        "instance": "/api/v1/workspaces/me/tasks",
        "code": problem.code,
        "requestId": "7c1f0e52b9a4d386",
    }
    if problem.code == "validation-failed":
        detail = "Longer than maximum length 500."
        value["errors"] = [{"pointer": "/title", "code": "invalid", "detail": detail}]
    return {"summary": problem.title, "value": value}


def _headers_of(status: int) -> tuple[str, ...]:
    return {
        HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
        HTTPStatus.PRECONDITION_FAILED: ("ETag",),
        HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", *LIMITS),
        HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
        HTTPStatus.GATEWAY_TIMEOUT: ("Retry-After",),
    }.get(HTTPStatus(status), ())


def _tagged() -> Part:
    return headers(*ALWAYS, "ETag")


def _name(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")
