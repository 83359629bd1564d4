"""`…/tasks/{t}:duplicate`."""

from typing import Any

from backend.tasks import examples
from backend.tasks.answers import Answer, answered, ref_of
from backend.tasks.model import MAX_TITLE
from backend.tasks.schemas import TaskSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services
from backend.web.deadlines import within
from backend.web.limits import costs
from backend.web.schemas import CamelSchema, Flag, Text

blueprint = ApiBlueprint(
    "task_copies",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/tasks",
    description="Copies of tasks.",
)


class DuplicateSchema(CamelSchema):
    """What a copy is to be like."""

    title = Text(MAX_TITLE, shortest=1, metadata={"description": "Left out: that of the task."})
    subtree = Flag(
        load_default=False, metadata={"description": "Also copy everything below the task."}
    )


DUPLICATE, TASK = DuplicateSchema(), TaskSchema()
EXAMPLE = {"title": "Send the quarterly report (Q4)", "subtree": True}
COPY = {**examples.TASK, "title": EXAMPLE["title"]}


@blueprint.post("/<task_id>:duplicate")
@within(10.0)
@costs(5)
@blueprint.arguments(DUPLICATE, example=EXAMPLE)
@blueprint.response(201, TASK, example=COPY)
def duplicate_task(wanted: dict[str, Any], workspace: str, task_id: str) -> Answer:
    """
    Make a new task like this one, right behind it.

    Description, priority, people, labels, project, board, list, dates, reminders, estimate and the
    checklist are copied, the checklist no longer ticked, the task open. Comments, attachments and
    history are not, nor does the copy belong to the series. With `subtree`, up to 400 tasks.
    """
    done = services().duplicating.duplicate(actor(), ref_of(workspace, task_id), **wanted)
    task, _, headers = answered(done)
    location = f"/api/v1/workspaces/{task.workspace_id}/tasks/{task.id}"
    return task, 201, {"Location": location, **headers}
