"""Attachments as documents, and the names of their files in the bucket."""

from backend.attachments.model import Attachment, AttachmentRef, State
from backend.kit.documents import Bump, Change, Create, Fields, Increment, Stored, reading
from backend.tasks.documents import task_path
from backend.tasks.model import TaskRef

UPLOADS = "uploads"  # Where files come to in the bucket.
COUNTER = "attachments"  # Of a task: how many of it are ready.


def attachments_path(task: TaskRef) -> str:
    """Return the collection of a task's attachments."""
    return f"{task_path(task)}/attachments"


def attachment_path(ref: AttachmentRef) -> str:
    """Return where an attachment lies; its file, once it was looked at, has the same name."""
    return f"{attachments_path(ref.task)}/{ref.attachment_id}"


def upload_name(ref: AttachmentRef) -> str:
    """
    Return the name under which a file comes.

    Nobody ever fetches it from there: it may be written over as long as its address holds.
    """
    return f"{uploads_of(ref.task)}{ref.attachment_id}"


def uploads_of(task: TaskRef) -> str:
    """Return the folder that the files of a task come to."""
    return f"{UPLOADS}/{task.workspace_id}/{task.task_id}/"


def ref_of(path: str) -> AttachmentRef:
    """Return which attachment lies at a path."""
    _, workspace_id, _, task_id, _, attachment_id = path.split("/")
    return AttachmentRef(workspace_id, task_id, attachment_id)


def is_attachment(path: str) -> bool:
    """Say whether this is the path of an attachment, or the name of its file."""
    segments = path.split("/")
    return len(segments) == 6 and segments[::2] == ["workspaces", "tasks", "attachments"]


def attachment_fields(attachment: Attachment) -> Fields:
    """Return the document of an attachment."""
    return {
        "name": attachment.name,
        "contentType": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "state": attachment.state.value,
        "uploadedBy": attachment.uploaded_by,
        "createdAt": attachment.created_at,
        "updatedAt": attachment.updated_at,
        "deletedAt": attachment.deleted_at,
        "rev": attachment.rev,
    }


def attachment_of(stored: Stored) -> Attachment:
    """
    Read an attachment from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Attachment(
            ref=ref_of(stored.path),
            name=fields["name"],
            content_type=fields["contentType"],
            size=fields["size"],
            sha256=fields["sha256"],
            state=State(fields["state"]),
            uploaded_by=fields["uploadedBy"],
            created_at=fields["createdAt"],
            updated_at=fields["updatedAt"],
            deleted_at=fields["deletedAt"],
            rev=fields["rev"],
        )


def creating(attachment: Attachment) -> Create:
    """Return the write of a new attachment."""
    return Create(attachment_path(attachment.ref), attachment_fields(attachment))


def changing(stored: Stored, attachment: Attachment) -> Change:
    """Return the write of what differs between an attachment and what was stored of it."""
    fields = attachment_fields(attachment)
    changes = {name: value for name, value in fields.items() if stored.fields.get(name) != value}
    return Change(stored, changes)


def counting(task: TaskRef, by: int) -> Bump:
    """Return the write that counts a task's attachments up or down."""
    return Bump(task_path(task), {"counters": {COUNTER: Increment(by)}})
