"""`/admin/rehearsals`."""

from typing import Any

from backend.rehearsal import examples
from backend.rehearsal.model import Rehearsed
from backend.rehearsal.schemas import RehearsedSchema, SpanSchema
from backend.rehearsal.service import LONGEST_S
from backend.web.blueprint import ApiBlueprint
from backend.web.context import services, staff
from backend.web.deadlines import within
from backend.web.limits import costs
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "platform_rehearsals",
    __name__,
    url_prefix="/api/v1/admin/rehearsals",
    description="What would happen by itself, anywhere: for admins of the staff.",
)

SPAN, REHEARSED = SpanSchema(), RehearsedSchema()


@blueprint.post("")
@recent_sign_in
@costs(20)
@within(LONGEST_S)
@blueprint.arguments(SPAN, example=examples.SPAN)
@blueprint.response(200, REHEARSED, example=examples.REHEARSED)
def rehearse_platform(wanted: dict[str, Any]) -> Rehearsed:
    """
    Rehearse what would happen anywhere between two instants.

    As `/rehearsals`, of all workspaces and of the platform's own jobs. For admins of the staff.
    """
    return services().rehearsals.of_everything(staff(), wanted["since"], wanted["until"])
