"""How the API's routes are declared: strict arguments, and every POST, PATCH and DELETE once."""

from collections.abc import Callable
from typing import Any

import flask_smorest

from backend.web.arguments import StrictParser

View = Callable[..., Any]


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser, and our promises around each view."""

    ARGUMENTS_PARSER = StrictParser()
