"""What forms an answer comes in: JSON alone, compressed where that saves something."""

from flask import Flask, request
from flask_compress import Compress
from werkzeug.exceptions import NotAcceptable

from backend.web.blueprint import ApiBlueprint

WORTH_COMPRESSING_BYTES = 1024
OFFERED = ("application/json", "application/problem+json")
COMPRESSED = [*OFFERED, "text/html", "text/css", "text/javascript", "image/svg+xml"]


def install(app: Flask) -> None:
    """Refuse whoever takes no JSON (406), and compress what is longer than 1 kB."""
    app.config.update(
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_MIN_SIZE=WORTH_COMPRESSING_BYTES,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,  # web/conditional.py has done so by then.
    )
    Compress(app)

    @app.before_request
    def refuse_other_forms() -> None:
        is_api = isinstance(app.blueprints.get(request.blueprint or ""), ApiBlueprint)
        accepted = request.accept_mimetypes
        if is_api and accepted and accepted.best_match(OFFERED) is None:
            raise NotAcceptable("The API speaks application/json.")
