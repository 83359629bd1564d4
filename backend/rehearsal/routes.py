"""`/rehearsals`."""

from typing import Any

from backend.rehearsal import examples
from backend.rehearsal.model import Rehearsed
from backend.rehearsal.schemas import RehearsalSchema, RehearsedSchema
from backend.rehearsal.service import LONGEST_S
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.web.deadlines import within
from backend.web.limits import costs

blueprint = ApiBlueprint(
    "rehearsals",
    __name__,
    url_prefix="/api/v1/rehearsals",
    description="What would happen by itself.",
)

REHEARSAL, REHEARSED = RehearsalSchema(), RehearsedSchema()


@blueprint.post("")
@costs(20)
@within(LONGEST_S)
@blueprint.arguments(REHEARSAL, example=examples.REHEARSAL)
@blueprint.response(200, REHEARSED, example=examples.REHEARSED)
def rehearse(wanted: dict[str, Any]) -> Rehearsed:
    """
    Rehearse what would happen between two instants if nobody did anything.

    The service runs itself on a clock of its own, over a store that keeps nothing: reminders,
    what falls due, occurrences, scheduled jobs, and what you would be told: notifications, your
    digests, and when your quiet hours would let go what they hold. Nothing is written and nobody
    hears of it. After 500 steps or 20 seconds it ends with `isComplete` false; ask on from
    `to` for the rest.
    """
    home = workspace_id(wanted["workspace_id"])
    return services().rehearsals.of_workspace(actor(), home, wanted["since"], wanted["until"])
