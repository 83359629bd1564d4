"""`/users/me:export`."""

from backend.operations import examples
from backend.operations.answers import answering_running
from backend.operations.model import AlreadyRunning, Operation
from backend.operations.schemas import OperationSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services
from backend.web.limits import costs
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "exporting", __name__, url_prefix="/api/v1", description="Taking one's data along."
)
LOCATION = {
    "Location": {
        "description": "Where the operation is found.",
        "schema": {"type": "string", "format": "uri-reference"},
    }
}

blueprint.register_error_handler(AlreadyRunning, answering_running)


@blueprint.post("/users/me:export")
@costs(60)
@recent_sign_in
@blueprint.response(202, OperationSchema(), headers=LOCATION, example=examples.STARTED)
def export_me() -> tuple[Operation, int, dict[str, str]]:
    """
    Put everything of the caller into one archive.

    Goes on after the answer: `Location` is the operation to follow, whose `result.downloadUrl` is
    the archive. One at a time: while one is running, 409 `already-running` with it in `current`.
    """
    operation = services().exports.start(actor())
    return operation, 202, {"Location": f"/api/v1/operations/{operation.id}"}
