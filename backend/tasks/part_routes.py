"""`…/tasks/{t}/assignees/{uid}`, `watchers/{uid}` and `labels/{l}`."""

from backend.kit.errors import Stale
from backend.tasks import examples
from backend.tasks.answers import Answer, with_part, without_part
from backend.tasks.parts import ASSIGNEES, LABELS, WATCHERS
from backend.tasks.schemas import TaskSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale
from backend.web.context import actor

blueprint = ApiBlueprint(
    "task_parts",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/tasks/<task_id>",
    description="Who does a task, who watches it, and its labels: one at a time.",
)

TASK = TaskSchema()

blueprint.register_error_handler(Stale, answering_stale(TASK))


@blueprint.put("/assignees/<uid>")
@blueprint.response(200, TASK, example=examples.ASSIGNED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def assign_task(workspace: str, task_id: str, uid: str) -> Answer:
    """
    Assign a task to somebody; `me` is you.

    They must belong to the workspace, and are told within moments. Who has it already keeps it.
    """
    return with_part(workspace, task_id, ASSIGNEES, _person(uid))


@blueprint.delete("/assignees/<uid>")
@blueprint.response(200, TASK, example=examples.UNASSIGNED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def unassign_task(workspace: str, task_id: str, uid: str) -> Answer:
    """
    Take a task off somebody; `me` is you.

    Who does not have it stays without it.
    """
    return without_part(workspace, task_id, ASSIGNEES, _person(uid))


@blueprint.put("/watchers/<uid>")
@blueprint.response(200, TASK, example=examples.WATCHED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def watch_task(workspace: str, task_id: str, uid: str) -> Answer:
    """
    Let somebody watch a task; `me` is you.

    They must belong to the workspace, and hear of it when its status changes.
    """
    return with_part(workspace, task_id, WATCHERS, _person(uid))


@blueprint.delete("/watchers/<uid>")
@blueprint.response(200, TASK, example=examples.UNASSIGNED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def unwatch_task(workspace: str, task_id: str, uid: str) -> Answer:
    """
    Let somebody watch a task no longer; `me` is you.

    Who does not watch it goes on not doing so.
    """
    return without_part(workspace, task_id, WATCHERS, _person(uid))


@blueprint.put("/labels/<label_id>")
@blueprint.response(200, TASK, example=examples.LABELLED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def label_task(workspace: str, task_id: str, label_id: str) -> Answer:
    """
    Put a label of the workspace on a task.

    One that is there already stays.
    """
    return with_part(workspace, task_id, LABELS, label_id)


@blueprint.delete("/labels/<label_id>")
@blueprint.response(200, TASK, example=examples.UNASSIGNED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def unlabel_task(workspace: str, task_id: str, label_id: str) -> Answer:
    """
    Take a label off a task.

    One that is not there stays off.
    """
    return without_part(workspace, task_id, LABELS, label_id)


def _person(uid: str) -> str:
    return actor().uid if uid == "me" else uid
