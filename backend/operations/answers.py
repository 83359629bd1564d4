"""How routes that start operations answer."""

from flask import Response

from backend.operations.model import AlreadyRunning
from backend.operations.schemas import OperationSchema
from backend.web.context import services
from backend.web.problems import problem

OPERATION = OperationSchema()


def answering_running(error: AlreadyRunning) -> Response:
    """Answer 409 with the operation that runs already, which the caller would ask for next."""
    current = OPERATION.dump(services().operations.seen(error.current))
    location = {"Location": f"/api/v1/operations/{error.current.id}"}
    return problem(409, error.code, error.detail, headers=location, current=current)
