"""`/workspaces/{w}/tasks/{t}:snooze`."""

from typing import Any

from backend.kit.errors import Stale
from backend.tasks import examples
from backend.tasks.answers import Answer, answered, ref_of
from backend.tasks.schemas import TaskSchema
from backend.tasks.snooze_schemas import SnoozeSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match
from backend.web.context import actor, services

blueprint = ApiBlueprint(
    "snoozes", __name__, url_prefix="/api/v1/workspaces/<workspace>/tasks", description="Snoozing."
)

TASK, SNOOZE = TaskSchema(), SnoozeSchema()

blueprint.register_error_handler(Stale, answering_stale(TASK))


@blueprint.post("/<task_id>:snooze")
@blueprint.arguments(SNOOZE, example=examples.SNOOZE)
@blueprint.response(200, TASK, example=examples.SNOOZED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def snooze_task(wanted: dict[str, Any], workspace: str, task_id: str) -> Answer:
    """
    Be reminded of a task later, you alone.

    A reminder of your own at that instant; yours that have passed go. For members and above: it is
    a change of the task. One that is done, cancelled or archived answers 409.
    """
    ref = ref_of(workspace, task_id)
    return answered(services().snoozing.snooze(actor(), ref, **wanted, expected_rev=if_match()))
