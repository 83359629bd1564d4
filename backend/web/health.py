"""Is the process alive, and can it work?"""

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue

from backend.kit.errors import Unavailable
from backend.web.context import services
from backend.web.problems import problem

log = structlog.get_logger()

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@blueprint.get("/livez")
def is_alive() -> ResponseReturnValue:
    """Answer as long as the process can."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def is_ready() -> ResponseReturnValue:
    """Answer 200 while Firestore and the job queue answer, 503 with their names otherwise."""
    ports = services().ports
    silent = []
    for name, ping in (("firestore", ports.store.ping), ("jobs", ports.jobs.ping)):
        try:
            ping()
        except Unavailable:
            silent.append(name)
    if silent:
        log.warning("health.not_ready", silent=silent)
        return problem(503, "unavailable", f"No answer from: {', '.join(silent)}.")
    return {"status": "ok"}
