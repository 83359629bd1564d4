"""`/workspaces/{w}/tasks/{t}:move`."""

from flask import Response

from backend.kit.errors import Stale
from backend.operations.answers import begun
from backend.operations.schemas import OperationSchema
from backend.tasks import examples
from backend.tasks.answers import Answer, answered, ref_of
from backend.tasks.move_schemas import MoveAnywhereSchema
from backend.tasks.moving import Move
from backend.tasks.schemas import TaskSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match
from backend.web.context import actor, services, workspace_id

blueprint = ApiBlueprint(
    "moves", __name__, url_prefix="/api/v1/workspaces/<workspace>/tasks", description="Moves."
)

TASK, MOVE, OPERATION = TaskSchema(), MoveAnywhereSchema(), OperationSchema()

blueprint.register_error_handler(Stale, answering_stale(TASK))


@blueprint.post("/<task_id>:move")
@blueprint.arguments(MOVE, example=examples.MOVE)
@blueprint.response(200, TASK, example=examples.MOVED_TASK)
@blueprint.alt_response(202, schema=OPERATION, description="It is in the other workspace.")
@blueprint.alt_response(412, "PreconditionFailed")
def move_task(wanted: Move | str, workspace: str, task_id: str) -> Answer | Response:
    """
    Put a task elsewhere: on a board or list, in a project, below another, or at another place.

    Behind a task, before one, between the two, or at a rank of your own; to the end without any of
    these. A list that is full refuses it. One document is written, but where there is no room
    between two: then some neighbours get new ranks too.

    With a `workspaceId` alone it goes there, with all below it, at most 130 tasks: 202. They are
    there at once, under new ids that the operation's `result` names, and lie in the trash here with
    `movedTo`. Comments, attachments and history follow within moments. Project, board, labels,
    series, and people who do not belong to the other workspace stay behind, and are named.
    """
    ref = ref_of(workspace, task_id)
    if isinstance(wanted, str):
        place = workspace_id(wanted)
        return begun(services().relocation.move(actor(), ref, place, expected_rev=if_match()))
    return answered(services().moving.move(actor(), ref, wanted, expected_rev=if_match()))
