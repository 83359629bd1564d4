"""`…/tasks/{t}/tree` and `…/tasks/{t}/blockers/{t2}`."""

from typing import Any

from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.tasks import examples
from backend.tasks.answers import Answer, ref_of, with_part, without_part
from backend.tasks.model import Task
from backend.tasks.parts import BLOCKERS
from backend.tasks.schemas import TaskPageSchema, TaskSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale
from backend.web.context import actor, services
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked

blueprint = ApiBlueprint(
    "task_relations",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/tasks/<task_id>",
    description="What is below a task, and what it waits for.",
)

TASK, TASK_PAGE, PAGE = TaskSchema(), TaskPageSchema(), PageArguments()

blueprint.register_error_handler(Stale, answering_stale(TASK))


@blueprint.get("/tree")
@blueprint.arguments(PAGE, location="query")
@blueprint.response(200, TASK_PAGE, headers=LINK_HEADER, example=examples.SUBTREE)
def get_tree(
    query: dict[str, Any], workspace: str, task_id: str
) -> tuple[Page[Task], int, dict[str, str]]:
    """
    List all tasks below one, at any depth.

    Flat, parents before their subtasks, then by `rank`: `parentId` puts them together. Also those
    in the archive, none in the trash. A task that was just moved shows at once; what is below it
    follows within moments.
    """
    return linked(services().tasks.tree(actor(), ref_of(workspace, task_id), asked(query)))


@blueprint.put("/blockers/<blocker_id>")
@blueprint.response(200, TASK, example=examples.BLOCKED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def block_task(workspace: str, task_id: str, blocker_id: str) -> Answer:
    """
    Let a task wait for another of the workspace.

    It cannot be completed before that is done, cancelled, archived or deleted. A task that would
    wait for itself in the end answers 422 `cycle-detected`. What it waits for already stays.
    """
    return with_part(workspace, task_id, BLOCKERS, blocker_id)


@blueprint.delete("/blockers/<blocker_id>")
@blueprint.response(200, TASK, example=examples.REOPENED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def unblock_task(workspace: str, task_id: str, blocker_id: str) -> Answer:
    """
    Let a task wait for another no longer.

    Where it did not, nothing changes.
    """
    return without_part(workspace, task_id, BLOCKERS, blocker_id)
