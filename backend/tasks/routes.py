"""`/workspaces/{w}/tasks`."""

from typing import Any

from backend.kit.pages import Page
from backend.tasks.model import Task, TaskRef
from backend.tasks.repository import TaskFilter
from backend.tasks.schemas import (
    NewTaskSchema,
    TaskChangesSchema,
    TaskPageSchema,
    TaskQuerySchema,
    TaskSchema,
)
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, if_match, services, workspace_id

blueprint = ApiBlueprint(
    "tasks", __name__, url_prefix="/api/v1/workspaces/<workspace>/tasks", description="Tasks."
)

TASK, TASK_PAGE = TaskSchema(), TaskPageSchema()
NEW_TASK, TASK_CHANGES, TASK_QUERY = NewTaskSchema(), TaskChangesSchema(), TaskQuerySchema()

Answer = tuple[Task, int, dict[str, str]]


@blueprint.post("")
@blueprint.arguments(NEW_TASK)
@blueprint.response(201, TASK)
def create_task(wanted: dict[str, Any], workspace: str) -> Answer:
    """Create a task."""
    title = wanted.pop("title")
    task = services().tasks.create(actor(), workspace_id(workspace), title=title, details=wanted)
    location = f"/api/v1/workspaces/{task.workspace_id}/tasks/{task.id}"
    return task, 201, {"Location": location, **_tag(task)}


@blueprint.get("")
@blueprint.arguments(TASK_QUERY, location="query")
@blueprint.response(200, TASK_PAGE)
def list_tasks(query: dict[str, Any], workspace: str) -> Page[Task]:
    """List the tasks that are neither in the trash nor in the archive, newest first."""
    assignee = actor().uid if query["assignee"] == "me" else query["assignee"]
    return services().tasks.newest(
        actor(),
        workspace_id(workspace),
        TaskFilter(status=query["status"], assignee=assignee),
        page_size=query["page_size"],
        page_token=query["page_token"],
    )


@blueprint.get("/<task_id>")
@blueprint.response(200, TASK)
def get_task(workspace: str, task_id: str) -> Answer:
    """Return a task."""
    return _tagged(services().tasks.get(actor(), _ref(workspace, task_id)))


@blueprint.patch("/<task_id>")
@blueprint.arguments(TASK_CHANGES)
@blueprint.response(200, TASK)
def edit_task(changes: dict[str, Any], workspace: str, task_id: str) -> Answer:
    """Change the fields given (merge patch). A stale `If-Match` answers 412."""
    ref = _ref(workspace, task_id)
    return _tagged(services().tasks.edit(actor(), ref, changes, expected_rev=if_match()))


@blueprint.delete("/<task_id>")
@blueprint.response(204)
def delete_task(workspace: str, task_id: str) -> None:
    """Put a task in the trash."""
    services().tasks.delete(actor(), _ref(workspace, task_id), expected_rev=if_match())


@blueprint.post("/<task_id>/completion")
@blueprint.response(200, TASK)
def complete_task(workspace: str, task_id: str) -> Answer:
    """Mark a task done. If it recurs, the next one appears."""
    ref = _ref(workspace, task_id)
    return _tagged(services().tasks.complete(actor(), ref, expected_rev=if_match()))


@blueprint.delete("/<task_id>/completion")
@blueprint.response(200, TASK)
def reopen_task(workspace: str, task_id: str) -> Answer:
    """Mark a task open again."""
    ref = _ref(workspace, task_id)
    return _tagged(services().tasks.reopen(actor(), ref, expected_rev=if_match()))


def _ref(workspace: str, task_id: str) -> TaskRef:
    return TaskRef(workspace_id(workspace), task_id)


def _tagged(task: Task) -> Answer:
    return task, 200, _tag(task)


def _tag(task: Task) -> dict[str, str]:
    return {"ETag": f'"{task.rev}"'}
