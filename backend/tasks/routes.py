"""`/workspaces/{w}/tasks`."""

from typing import Any

from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.tasks import examples
from backend.tasks.answers import Answer, answered, ref_of
from backend.tasks.model import Task
from backend.tasks.query_schemas import DeleteQuerySchema, EditQuerySchema, TaskQuerySchema
from backend.tasks.schemas import (
    NewTaskSchema,
    TaskChangesSchema,
    TaskPageSchema,
    TaskSchema,
)
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import actor, services, workspace_id
from backend.web.deadlines import within
from backend.web.pages import LINK_HEADER, asked, linked
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "tasks", __name__, url_prefix="/api/v1/workspaces/<workspace>/tasks", description="Tasks."
)

TASK, TASK_PAGE = TaskSchema(), TaskPageSchema()
NEW_TASK, TASK_CHANGES, TASK_QUERY = NewTaskSchema(), TaskChangesSchema(), TaskQuerySchema()
EDIT_QUERY, DELETE_QUERY = EditQuerySchema(), DeleteQuerySchema()

blueprint.register_error_handler(Stale, answering_stale(TASK))


@blueprint.post("")
@blueprint.arguments(NEW_TASK, example=examples.NEW_TASK)
@blueprint.response(201, TASK, example=examples.TASK)
def create_task(wanted: dict[str, Any], workspace: str) -> Answer:
    """
    Create a task.

    Assignees and watchers must belong to the workspace. For members and above. Who is concerned
    is told within moments; the answer does not wait for that.
    """
    title = wanted.pop("title")
    done = services().tasks.create(actor(), workspace_id(workspace), title=title, details=wanted)
    location = f"/api/v1/workspaces/{done.value.workspace_id}/tasks/{done.value.id}"
    task, _, headers = answered(done)
    return task, 201, {"Location": location, **headers}


@blueprint.get("")
@within(10.0)  # Dropping conditions may take four round trips.
@blueprint.arguments(TASK_QUERY, location="query")
@blueprint.response(200, TASK_PAGE, headers=LINK_HEADER, example=examples.TASK_PAGE)
def list_tasks(query: dict[str, Any], workspace: str) -> tuple[Page[Task], int, dict[str, str]]:
    """
    List tasks that are neither in the trash nor in the archive, newest first.

    Filters combine with AND; `status` and `priority` take several values with commas between.
    What no index serves answers 422 `unsupported-query`, and says what would be served.
    """
    page, order = asked(query), query.pop("sort", None)
    if query.get("assignee") == "me":
        query["assignee"] = actor().uid
    tasks = services().tasks
    return linked(tasks.page(actor(), workspace_id(workspace), query, order=order, asked=page))


@blueprint.get("/<task_id>")
@blueprint.response(200, TASK, example=examples.TASK)
def get_task(workspace: str, task_id: str) -> Answer:
    """
    Return a task.

    Also one in the archive, none in the trash. `ETag` is its revision, which any change counts up
    but what follows from other tasks: `counters`, `ancestorIds`, `depth` and `isBlocked`.
    """
    task = services().tasks.get(actor(), ref_of(workspace, task_id))
    return task, 200, revision_tag(task.rev)


@blueprint.patch("/<task_id>")
@blueprint.arguments(TASK_CHANGES, example=examples.TASK_CHANGES)
@blueprint.arguments(EDIT_QUERY, location="query")
@blueprint.response(200, TASK, example=examples.CHANGED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_task(
    changes: dict[str, Any], query: dict[str, int], workspace: str, task_id: str
) -> Answer:
    """
    Change the fields given.

    A JSON merge patch: what is left out stays, also within `due`; `"due": null` takes the due
    date away; lists are replaced whole. Changes that change nothing leave `rev` as it is.

    With `If-Match` the edit is refused if anything has changed meanwhile. With `baseRev` it is
    merged instead: other fields keep what others made of them, and where somebody has changed the
    same field, this edit holds and their value stays in the history, as `lost`.
    """
    ref = ref_of(workspace, task_id)
    base_rev = query.get("base_rev")
    done = services().tasks.edit(actor(), ref, changes, expected_rev=if_match(), base_rev=base_rev)
    return answered(done)


@blueprint.delete("/<task_id>")
@blueprint.arguments(DELETE_QUERY, location="query")
@blueprint.response(204)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_task(
    query: dict[str, Any], workspace: str, task_id: str
) -> tuple[None, int, dict[str, str]]:
    """
    Put a task in the trash.

    It is in the list with `deleted=true` then, for 30 days. Its subtasks go along, unless
    `children` says otherwise; of very many, some follow within moments.
    """
    ref, subtasks = ref_of(workspace, task_id), query["children"]
    done = services().tasks.delete(actor(), ref, subtasks=subtasks, expected_rev=if_match())
    return None, 204, undo_header(done.undo)


@blueprint.post("/<task_id>/completion")
@blueprint.response(200, TASK, example=examples.DONE_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def complete_task(workspace: str, task_id: str) -> Answer:
    """
    Mark a task done.

    If it belongs to a series, the next one appears within moments. A task that is done already
    stays as it is. One that waits for others answers 409 until those are done.
    """
    ref = ref_of(workspace, task_id)
    return answered(services().tasks.complete(actor(), ref, expected_rev=if_match()))


@blueprint.delete("/<task_id>/completion")
@blueprint.response(200, TASK, example=examples.REOPENED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def reopen_task(workspace: str, task_id: str) -> Answer:
    """
    Mark a task open again.

    The next task of its series goes again within moments, unless somebody has touched it. Who was
    not told of the completion yet is told of neither.
    """
    ref = ref_of(workspace, task_id)
    return answered(services().tasks.reopen(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<task_id>/archive")
@blueprint.response(200, TASK, example=examples.ARCHIVED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def archive_task(workspace: str, task_id: str) -> Answer:
    """
    Put a task into the archive.

    It stays as it is, done or not, and stands in no list but the one with `archived=true`. No
    notice of it comes any more. One that is there already stays.
    """
    ref = ref_of(workspace, task_id)
    return answered(services().tasks.archive(actor(), ref, expected_rev=if_match()))


@blueprint.delete("/<task_id>/archive")
@blueprint.response(200, TASK, example=examples.UNARCHIVED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def unarchive_task(workspace: str, task_id: str) -> Answer:
    """
    Take a task out of the archive.

    It is what it was before. One that is not there stays as it is.
    """
    ref = ref_of(workspace, task_id)
    return answered(services().tasks.unarchive(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<task_id>:restore")
@blueprint.response(200, TASK, example=examples.RESTORED_TASK)
@blueprint.alt_response(412, "PreconditionFailed")
def restore_task(workspace: str, task_id: str) -> Answer:
    """
    Take a task out of the trash.

    Within 30 days of its deletion, with everything that belongs to it; then it is gone for good
    (404). One that is not in the trash stays as it is.
    """
    ref = ref_of(workspace, task_id)
    return answered(services().tasks.restore(actor(), ref, expected_rev=if_match()))
