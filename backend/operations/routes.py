"""`/operations/{o}`."""

from backend.operations import examples
from backend.operations.model import Operation
from backend.operations.schemas import OperationSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services

blueprint = ApiBlueprint(
    "operations",
    __name__,
    url_prefix="/api/v1/operations",
    description="Work that takes longer than a request.",
)

OPERATION = OperationSchema()


@blueprint.get("/<operation_id>")
@blueprint.response(200, OPERATION, example=examples.DONE)
def get_operation(operation_id: str) -> Operation:
    """
    Return an operation of the caller: how far it is, and what came of it.

    Kept for 7 days after its end, then 404, as another person's is. Ask again every few seconds
    while it is running.
    """
    return services().operations.get(actor(), operation_id)


@blueprint.post("/<operation_id>:cancel")
@blueprint.response(200, OPERATION, example=examples.CANCELLED)
def cancel_operation(operation_id: str) -> Operation:
    """
    Call a running operation off.

    409 `invalid-transition` where it runs no longer. What it had made so far is deleted.
    """
    ours = services().operations
    return ours.seen(ours.cancel(actor(), operation_id))
