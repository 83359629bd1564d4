"""`/workspaces/{w}/tasks/{t}/attachments`."""

from typing import Any

from backend.attachments import examples
from backend.attachments.addresses import Shown
from backend.attachments.model import AttachmentRef, Wanted
from backend.attachments.schemas import (
    AttachmentPageSchema,
    AttachmentSchema,
    NewAttachmentSchema,
)
from backend.kit.pages import Page
from backend.tasks.model import TaskRef
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.web.deadlines import within
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "attachments",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/tasks/<task_id>/attachments",
    description="Files of tasks.",
)

ATTACHMENT, ATTACHMENTS = AttachmentSchema(), AttachmentPageSchema()
NEW_ATTACHMENT, PAGE_ARGUMENTS = NewAttachmentSchema(), PageArguments()

TAKE_IN_S = 30.0  # The largest file is fetched, looked at and written once.

Answer = tuple[Shown, int, dict[str, str]]


@blueprint.post("")
@costs(5)
@blueprint.arguments(NEW_ATTACHMENT, example=examples.NEW_ATTACHMENT)
@blueprint.response(201, ATTACHMENT, example=examples.ANNOUNCED)
def announce_attachment(wanted: Wanted, workspace: str, task_id: str) -> Answer:
    """
    Announce a file, and learn where to send it.

    Send it with the method, headers and exact size of `upload`, then call `:finalize` within 40
    minutes; else it is forgotten. `GET` gives a new address where this one has expired. Room is
    kept for it from now on: `limit-exceeded` where the task or the workspace has none left. For
    members and above.
    """
    done = services().attachments.announce(actor(), _task(workspace, task_id), wanted)
    made = done.value.attachment
    tasks = f"/api/v1/workspaces/{made.ref.workspace_id}/tasks"
    location = f"{tasks}/{made.ref.task_id}/attachments/{made.id}"
    return done.value, 201, {"Location": location, **undo_header(done.undo)}


@blueprint.post("/<attachment_id>:finalize")
@costs(10)
@within(TAKE_IN_S)
@blueprint.response(200, ATTACHMENT, example=examples.READY)
def finalize_attachment(workspace: str, task_id: str, attachment_id: str) -> Answer:
    """
    Show a file that was sent to everybody.

    Its length, its SHA-256 and its whole content are looked at first. What is not what was
    announced answers 422 `file-refused` with the reason, is thrown away, and can be sent again.
    Repeating it changes nothing.
    """
    done = services().attachments.finalize(actor(), _ref(workspace, task_id, attachment_id))
    return done.value, 200, undo_header(done.undo)


@blueprint.get("")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, ATTACHMENTS, headers=LINK_HEADER, example=examples.PAGE)
def list_attachments(
    query: dict[str, Any], workspace: str, task_id: str
) -> tuple[Page[Shown], int, dict[str, str]]:
    """
    List the files of a task that are ready, oldest first.

    Without addresses: ask for each when somebody wants to open it.
    """
    task = _task(workspace, task_id)
    return linked(services().attachments.page(actor(), task, asked(query)))


@blueprint.get("/<attachment_id>")
@blueprint.response(200, ATTACHMENT, example=examples.READY)
def get_attachment(workspace: str, task_id: str, attachment_id: str) -> Shown:
    """
    Return an attachment, with an address to fetch its file from.

    It holds for a quarter of an hour, and gives a download of the type and name of the attachment.
    Whoever announced one that is `pending` gets a new address to send it to.
    """
    return services().attachments.get(actor(), _ref(workspace, task_id, attachment_id))


@blueprint.delete("/<attachment_id>")
@blueprint.response(204)
def delete_attachment(
    workspace: str, task_id: str, attachment_id: str
) -> tuple[None, int, dict[str, str]]:
    """
    Delete an attachment.

    Its file is deleted a day later, until when this can be undone. Doing so again changes nothing.
    """
    done = services().attachments.delete(actor(), _ref(workspace, task_id, attachment_id))
    return None, 204, undo_header(done.undo)


def _task(workspace: str, task_id: str) -> TaskRef:
    return TaskRef(workspace_id(workspace), task_id)


def _ref(workspace: str, task_id: str, attachment_id: str) -> AttachmentRef:
    return AttachmentRef(workspace_id(workspace), task_id, attachment_id)
