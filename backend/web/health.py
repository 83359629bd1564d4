"""Is the process alive, and can it work?"""

import structlog
from flask import Blueprint, current_app
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from backend.bootstrap import Ports
from backend.web.context import EXTENSION
from backend.web.draining import is_draining
from backend.web.problems import problem
from backend.web.readiness import Pings

log = structlog.get_logger()

blueprint = Blueprint("health", __name__)

PINGS = "taskflow-pings"


def pings(ports: Ports) -> Pings:
    """Return what `/readyz` asks: the ports without which nothing works, and those that help."""
    return Pings(
        ports.clock,
        needed={"firestore": ports.store.ping, "jobs": ports.jobs.ping},
        helpful={"cache": ports.cache.ping, "counters": ports.counters.ping},
    )


@blueprint.record_once
def _begin(state: BlueprintSetupState) -> None:
    state.app.extensions[PINGS] = pings(state.app.extensions[EXTENSION].ports)


@blueprint.get("/healthz")
@blueprint.get("/livez")
def is_alive() -> ResponseReturnValue:
    """Answer as long as the process can."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def is_ready() -> ResponseReturnValue:
    """
    Answer 200 while work can be done, and 503 with the reason otherwise.

    Without what merely helps (a shared cache, shared counters) the status is `degraded`.
    """
    if is_draining():
        return problem(503, "unavailable", "This process is draining: it stops soon.")
    asked = _pings().ask()
    if asked.silent:
        log.warning("health.not_well", silent=asked.silent, ready=asked.is_ready)
    if not asked.is_ready:
        return problem(503, "unavailable", f"No answer from: {', '.join(asked.silent)}.")
    return {
        "status": "degraded" if asked.silent else "ok",
        "checks": {**asked.needed, **asked.helpful},
    }


def _pings() -> Pings:
    made: Pings = current_app.extensions[PINGS]
    return made
