"""How routes that start operations answer."""

from flask import Response, json

from backend.operations.model import AlreadyRunning, Operation
from backend.operations.schemas import OperationSchema
from backend.undo.model import Done
from backend.web.context import services
from backend.web.problems import problem
from backend.web.undo_header import undo_header

OPERATION = OperationSchema()


def answering_running(error: AlreadyRunning) -> Response:
    """Answer 409 with the operation that runs already, which the caller would ask for next."""
    current = OPERATION.dump(services().operations.seen(error.current))
    location = {"Location": f"/api/v1/operations/{error.current.id}"}
    return problem(409, error.code, error.detail, headers=location, current=current)


def begun(done: Done[Operation]) -> Response:
    """Answer 202 with an operation that has begun, and the token that takes it back."""
    shown = OPERATION.dump(services().operations.seen(done.value))
    answer = Response(json.dumps(shown), status=202, content_type="application/json")
    location = f"/api/v1/operations/{done.value.id}"
    answer.headers.update({"Location": location, **undo_header(done.undo)})
    return answer
