"""`/undo`."""

from typing import Any

from flask import Response, json

from backend.operations.model import Operation
from backend.operations.schemas import OperationSchema
from backend.undo import examples
from backend.undo.model import Undone
from backend.undo.schemas import UndoneSchema, UndoSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services
from backend.web.limits import costs
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "undo", __name__, url_prefix="/api/v1/undo", description="Taking commands back."
)

UNDO, UNDONE, OPERATION = UndoSchema(), UndoneSchema(), OperationSchema()


@blueprint.post("")
@costs(5)
@blueprint.arguments(UNDO, example=examples.UNDO)
@blueprint.response(200, UNDONE, example=examples.UNDONE)
@blueprint.alt_response(202, schema=OPERATION, description="It is being undone.")
def undo(wanted: dict[str, str]) -> tuple[Undone, int, dict[str, str]] | Response:
    """
    Take a command back, by the `Undo-Token` it answered with.

    Tokens are their caller's own, and good for 24 hours. What was made goes to the trash, and what
    was changed gets its former values, each field that is still as the command left it; what
    somebody has changed since stays. The answer's own `Undo-Token` takes the undo back. What had
    done more than 100 things is undone by an operation: 202. Sent again it changes nothing and
    answers the same. 409 `undo-unavailable` where nothing is left to take back, or the token is
    too old, altered or another person's; 404 where you have left the workspace.
    """
    done = services().undo.undo(actor(), wanted["token"])
    if isinstance(done.value, Operation):
        return _begun(done.value, undo_header(done.undo))
    return done.value, 200, undo_header(done.undo)


def _begun(operation: Operation, headers: dict[str, Any]) -> Response:
    shown = OPERATION.dump(services().operations.seen(operation))
    answer = Response(json.dumps(shown), status=202, content_type="application/json")
    answer.headers.update({"Location": f"/api/v1/operations/{operation.id}", **headers})
    return answer
