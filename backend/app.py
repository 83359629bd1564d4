"""The Flask application: blueprints, who may call them, errors, limits and logs."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from backend.accounts.routes import blueprint as accounts
from backend.bootstrap import Services
from backend.recurrence.routes import blueprint as series
from backend.tasks.routes import blueprint as tasks
from backend.web import auth, limits, problems, request_log
from backend.web.auth import Caller
from backend.web.context import EXTENSION
from backend.web.health import blueprint as health
from backend.web.internal import blueprint as internal
from backend.web.schemas import ProblemSchema
from backend.workspaces.routes import blueprint as workspaces

MAX_BODY_BYTES = 1024 * 1024

PUBLIC_API = (accounts, workspaces, tasks, series)
CALLERS = {
    **{blueprint.name: Caller.PERSON for blueprint in PUBLIC_API},
    health.name: Caller.ANYONE,
    internal.name: Caller.QUEUE,
    "api-docs": Caller.ANYONE,
}


BEARER = "idToken"
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An ID token of Firebase Auth.",
}
DESCRIPTION = (
    "What an app on Firebase cannot do itself. Ordinary reads and edits go straight to Firestore, "
    "under its rules."
)


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest's API with our problem documents in place of its own errors."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Answer an error that flask-smorest would have answered."""
        return problems.answer_http(error)


def create_app(services: Services) -> Flask:
    """Return the application over the given services. Nothing is connected to yet."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        API_TITLE="TaskFlow",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROPAGATE_EXCEPTIONS=False,
        API_SPEC_OPTIONS={
            "security": [{BEARER: []}],
            "info": {"description": DESCRIPTION, "license": {"name": "MIT"}},
        },
    )
    app.extensions[EXTENSION] = services
    request_log.install(app)
    limits.install(app, services.settings)
    auth.install(app, CALLERS)
    problems.install(app)
    api = ProblemApi(app)
    api.spec.components.security_scheme(BEARER, SECURITY_SCHEME)
    for blueprint in PUBLIC_API:
        api.register_blueprint(blueprint)
    for plain in (health, internal):
        app.register_blueprint(plain)
    return app
