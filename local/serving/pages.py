"""The frame of the inbox pages, and the Flask app that carries them."""

import json
from datetime import datetime
from pathlib import Path

from flask import Flask, Response, jsonify
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter

# Nothing from outside loads and no script runs: what is shown was written by others.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _AnyText(BaseConverter):
    """A path part that may hold anything, slashes too: tokens and addresses are opaque."""

    regex = ".+"
    part_isolating = False


def build_app(name: str, templates: Path) -> Flask:
    """Make a Flask app that renders `templates` in the shared frame and answers `/healthz`."""
    app = Flask(name, static_folder=None)
    frame = Path(__file__).with_name("templates")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(frame)])
    app.jinja_env.filters["clock"] = _clock_time
    app.jinja_env.filters["pretty"] = _pretty
    app.url_map.converters["any_text"] = _AnyText
    app.url_map.merge_slashes = False  # A token may begin with one.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.after_request(_protect)
    app.register_error_handler(BadRequest, _bad_request)
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="health")
    return app


def bad_request(reason: object) -> BadRequest:
    """Make the error a control API raises; its answer is 400 `{"error": reason}`."""
    return BadRequest(str(reason))


def _bad_request(error: BadRequest) -> tuple[Response, int]:
    return jsonify({"error": error.description}), 400


def _clock_time(instant: datetime) -> str:
    return f"{instant:%H:%M:%S}"


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _protect(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
    return response
