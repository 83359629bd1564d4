"""How the API's routes are declared: strict arguments, and every POST, PATCH and DELETE once."""

from collections.abc import Callable
from typing import Any

import flask_smorest

from backend.web.arguments import StrictParser
from backend.web.idempotency import METHODS, once

View = Callable[..., Any]


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser, and our promises around each view."""

    ARGUMENTS_PARSER = StrictParser()

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: View | None = None, **options: Any
    ) -> None:
        """Register a view; what changes something does so once for each `Idempotency-Key`."""
        if view_func is not None and METHODS & set(options.get("methods", ())):
            view_func = once(view_func)
        super().add_url_rule(rule, endpoint, view_func, **options)
