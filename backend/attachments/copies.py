"""Copies of attachments, for tasks that are duplicated, or move to another workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import Store
from backend.attachments.documents import attachment_of, attachment_path, creating
from backend.attachments.model import ABANDONED_AFTER, Attachment, AttachmentRef, State
from backend.attachments.timers import attachment_timer
from backend.attachments.usage import taking, usage_path
from backend.kit.documents import Create, Stored, Write
from backend.kit.errors import NotFound
from backend.kit.ids import derived_id
from backend.tasks.model import TaskRef
from backend.timers.documents import timer_fields, timer_path


@dataclass(frozen=True, slots=True)
class Copy:
    """An attachment as it is to be, and the path of the one whose file it gets."""

    source: str
    attachment: Attachment

    @classmethod
    def to(cls, task: TaskRef, stored: Stored, *, at: datetime) -> "Copy | None":
        """Return the copy of an attachment for a task; None of one that is not ready."""
        attachment = attachment_of(stored)
        if attachment.state is not State.READY:
            return None
        # Derived: whoever copies again copies to the same place.
        ref = AttachmentRef(*task, derived_id("copy", stored.path, *task))
        return cls(stored.path, replace(attachment, ref=ref, updated_at=at, rev=1))


class AttachmentCopies:
    """Copies files, and says what is to be written with the tasks that get them."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs

    def lay_out(self, copies: Sequence[Copy], *, now: datetime) -> list[Copy]:
        """
        Copy the files, before the commit that makes their documents; return whose was there.

        Timers are set first: a file whose document never comes is thrown away an hour later. It can
        be called again, within the plan of a commit or before it.

        Raises:
            Unavailable: Cloud Storage is silent.
        """
        for copy in copies:
            timer = attachment_timer(copy.attachment.ref, at=now + ABANDONED_AFTER)
            # Where it is set already, somebody was here before, and was killed.
            fields = timer_fields(timer, timer.state_at(now))
            self._store.attempt([Create(timer_path(timer.id), fields)])
        return [copy for copy in copies if self._is_copied(copy)]

    def _is_copied(self, copy: Copy) -> bool:
        try:
            self._blobs.copy(copy.source, attachment_path(copy.attachment.ref))
        except NotFound:  # Deleted meanwhile.
            return False
        return True


def adding(copies: Sequence[Copy], usage: Stored | None, *, most: int | None) -> list[Write]:
    """
    Return what makes the documents of copies in one workspace, and takes the room they need.

    `usage` is the document at `room_of(workspace_id)`, read in the plan of the commit. The counters
    of their tasks are for whoever writes these: `counted(copies)` of each.

    Raises:
        InvalidArgument: the workspace has no room for more than `most` bytes: `limit-exceeded`.
    """
    if not copies:
        return []
    size = sum(copy.attachment.size for copy in copies)
    workspace_id = copies[0].attachment.ref.workspace_id
    room = taking(usage, workspace_id, size, most=most, files=len(copies))
    return [*(creating(copy.attachment) for copy in copies), room]


def room_of(workspace_id: str) -> str:
    """Return where the room is counted that the files of a workspace take."""
    return usage_path(workspace_id)


def counted(copies: Sequence[Copy]) -> Mapping[str, int]:
    """Return how many of the copies each task gets, by its id: its counter `attachments`."""
    counts: dict[str, int] = {}
    for copy in copies:
        task_id = copy.attachment.ref.task_id
        counts[task_id] = counts.get(task_id, 0) + 1
    return counts
