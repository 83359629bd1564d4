"""`/users/me:mergeGuest` and its undoing."""

from backend.guests import examples
from backend.guests.schemas import MergeSchema, UndoMergeSchema
from backend.kit.errors import InvalidArgument, PermissionDenied, Unauthenticated
from backend.operations.model import Operation
from backend.operations.schemas import OperationSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services
from backend.web.limits import costs
from backend.web.requirements import registered_only
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "guests",
    __name__,
    url_prefix="/api/v1/users",
    description="What a guest has done, taken over into an account.",
)

MERGE, UNDO, OPERATION = MergeSchema(), UndoMergeSchema(), OperationSchema()
LOCATION = {
    "Location": {
        "description": "Where the operation is found.",
        "schema": {"type": "string", "format": "uri-reference"},
    }
}


@blueprint.post("/me:mergeGuest")
@costs(10)
@registered_only
@blueprint.arguments(MERGE, example=examples.MERGE)
@blueprint.response(202, OPERATION, headers=LOCATION, example=examples.MERGING)
def merge_guest(wanted: dict[str, str]) -> tuple[Operation, int, dict[str, str]]:
    """
    Move a guest's work into the caller's personal workspace.

    For somebody who has worked as a guest and signs in to an account they have already. (Whoever
    makes a new account links it instead, and keeps everything.) From the answer on the guest's
    workspace is closed; what was in it appears in the caller's under the same ids. `result` of the
    operation counts what has `moved`, lists tasks that look like `duplicates` of the caller's, and
    says until when the merge can be undone. Nothing is left out for being a duplicate.

    Asked again it answers with the same operation. 404 where the guest's time is over, or another
    account has taken the guest over; 422 where `guestToken` is not the token of a guest.
    """
    done = services().guests.merge(actor(), _guest_of(wanted["guest_token"]))
    operation, status, headers = _begun(done.value)
    return operation, status, {**headers, **undo_header(done.undo)}


@blueprint.post("/me:undoMerge")
@costs(10)
@registered_only
@blueprint.arguments(UNDO, example=examples.UNDO)
@blueprint.response(202, OPERATION, headers=LOCATION, example=examples.UNDOING)
def undo_merge(wanted: dict[str, str]) -> tuple[Operation, int, dict[str, str]]:
    """
    Undo a merge of the last 24 hours.

    What nobody has touched since goes back to the guest, whose time then runs on from where it
    stood. What was worked with stays with the caller; `result` lists it. 404 where the operation is
    no merge of the caller's, or it is too late; 409 `invalid-transition` while it is being merged.
    """
    return _begun(services().guests.undo(actor(), wanted["operation_id"]))


def _begun(operation: Operation) -> tuple[Operation, int, dict[str, str]]:
    location = f"/api/v1/operations/{operation.id}"
    return services().operations.seen(operation), 202, {"Location": location}


def _guest_of(token: str) -> str:
    """
    Return the uid of the guest whose ID token this is.

    Raises:
        InvalidArgument: it is not valid any more, or not that of a guest.
    """
    try:
        identity = services().ports.identity.verify(token)
        services().standing.check(identity, at_once=True)
    except (Unauthenticated, PermissionDenied) as error:
        raise InvalidArgument(error.detail, pointer="/guestToken") from None
    if not identity.is_guest:
        raise InvalidArgument("This is not the token of a guest.", pointer="/guestToken")
    return identity.uid
