"""flask-smorest's API, with our problems in place of its errors and our description of it."""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from apispec import BasePlugin
from flask import Flask, Response
from flask_smorest import Api
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from backend.web import problems
from backend.web.limits import ADDRESS_COST, COST
from backend.web.openapi.completion import completed
from backend.web.openapi.fields import ours
from backend.web.openapi.shared import BEARER
from backend.web.requirements import RECENT_SIGN_IN, REGISTERED, VERIFIED
from backend.web.schemas import ProblemSchema, camel

CONVENTIONS = Path(__file__).with_name("conventions.md")
CACHED = "public, max-age=300"


class Operations(BasePlugin):
    """Names each operation after its view, and says what the view's marks ask for."""

    def __init__(self, app: Flask) -> None:
        self._views = app.view_functions

    def operation_helper(
        self,
        path: str | None = None,  # noqa: ARG002, apispec passes it
        operations: dict[str, Any] | None = None,
        rule: Rule | None = None,
        **_: Any,
    ) -> None:
        """Complete the operation of a rule: `edit_task` is `editTask`."""
        if rule is None or operations is None:
            return
        for operation in operations.values():
            operation["operationId"] = camel(rule.endpoint.rpartition(".")[2])
            asked = _marks_of(self._views[rule.endpoint])
            operation["description"] = "\n\n".join([operation.get("description", ""), *asked])


def _marks_of(view: object) -> Iterator[str]:
    if getattr(view, RECENT_SIGN_IN, False):
        yield "Needs a sign-in of the last minutes: 401 `reauthentication-required` otherwise."
    if getattr(view, REGISTERED, False):
        yield "Not for anonymous guests: 403."
    if getattr(view, VERIFIED, False):
        yield "Needs a verified e-mail address: 403 `email-not-verified` otherwise."
    if (cost := getattr(view, ADDRESS_COST, 1)) > 1:
        yield f"Counts as {cost} requests of the limit of the caller's network address."
    if (cost := getattr(view, COST, 1)) > 1:
        yield f"Counts as {cost} requests of the person's limit."


class DescribedApi(Api):  # type: ignore[misc]
    """The API of an application. Register its blueprints here."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE="TaskFlow",
            API_VERSION="v1",
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX="/",
            OPENAPI_JSON_PATH="openapi.json",
        )
        options = {
            "info": {
                "description": CONVENTIONS.read_text(encoding="utf-8"),
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/", "description": "The service that serves this document."}],
            "security": [{BEARER: []}],
            "extra_plugins": [Operations(app)],
        }
        super().__init__(app, spec_kwargs=options)
        self.ma_plugin.converter.add_attribute_function(ours)

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Answer an error that flask-smorest would have answered."""
        return problems.answer_http(error)

    @cached_property
    def text(self) -> str:
        """The whole description. Complete once every blueprint is registered."""
        return json.dumps(completed(self.spec.to_dict()))

    def _openapi_json(self) -> Response:
        answer = Response(self.text, mimetype="application/json")
        answer.headers["Cache-Control"] = CACHED
        return answer
