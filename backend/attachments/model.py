"""An attachment and what may become of it. Pure: reads no clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from backend.attachments.kinds import refuse_name
from backend.kit.errors import FailedPrecondition, InvalidArgument
from backend.tasks.model import TaskRef
from backend.undo.model import OFFERED_FOR

MAX_NAME = 200
MEBIBYTE = 1024 * 1024
MAX_SIZE, MAX_GUEST_SIZE = 25 * MEBIBYTE, 5 * MEBIBYTE
MAX_OF_TASK = 50  # As many as an app's listener shows.

# An address holds for a quarter of an hour, and is given out, and what it brought looked at, for
# so long. Then nothing can come any more, and what has come is thrown away.
TAKEN_FOR = timedelta(minutes=40)
ABANDONED_AFTER = timedelta(hours=1)
# As long as deleting can be undone, and a while for who is just about to.
KEPT_FOR = OFFERED_FOR + timedelta(hours=1)


class AttachmentRef(NamedTuple):
    """Where an attachment is."""

    workspace_id: str
    task_id: str
    attachment_id: str

    @property
    def task(self) -> TaskRef:
        """The task that it is attached to."""
        return TaskRef(self.workspace_id, self.task_id)


class State(StrEnum):
    """How far an attachment is. Others see those that are `ready`."""

    PENDING = "pending"  # Room is kept for it; what comes has not been looked at.
    READY = "ready"
    DELETED = "deleted"  # Its file is kept until nobody can undo that any more.


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says about a file that they are going to send. `size` in bytes."""

    name: str
    content_type: str
    size: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """
    `workspaces/{w}/tasks/{t}/attachments/{a}`; its file has the same path in the bucket.

    `size` is exact, in bytes. `sha256` (64 hex digits) is what was announced, if anything was,
    and from `ready` on that of the file. Neither changes, nor does the file.
    """

    ref: AttachmentRef
    name: str
    content_type: str
    size: int
    sha256: str | None
    state: State
    uploaded_by: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    rev: int

    @classmethod
    def announced(cls, ref: AttachmentRef, wanted: Wanted, *, by: str, at: datetime) -> Self:
        """
        Return an attachment whose file is still to come.

        Raises:
            InvalidArgument: its name does not end as its content type has it.
        """
        refuse_name(wanted.name, wanted.content_type)
        return cls(
            ref=ref,
            name=wanted.name,
            content_type=wanted.content_type,
            size=wanted.size,
            sha256=wanted.sha256,
            state=State.PENDING,
            uploaded_by=by,
            created_at=at,
            updated_at=at,
            deleted_at=None,
            rev=1,
        )

    @property
    def id(self) -> str:
        """Its own id."""
        return self.ref.attachment_id

    @property
    def goes_at(self) -> datetime | None:
        """When it goes for good, file and all, unless something happens before; None: never."""
        match self.state:
            case State.PENDING:
                return self.updated_at + ABANDONED_AFTER
            case State.DELETED:
                return self.updated_at + KEPT_FOR
            case State.READY:
                return None

    def takes_file(self, at: datetime) -> bool:
        """Whether its file may still come."""
        return self.state is State.PENDING and at < self.updated_at + TAKEN_FOR

    def finalized(self, sha256: str, *, at: datetime) -> Self:
        """
        Return it with its file, which was looked at; itself if it has had it.

        Raises:
            FailedPrecondition: it was deleted, or its time is over.
        """
        if self.state is State.READY:
            return self
        if not self.takes_file(at):
            raise FailedPrecondition("This upload has ended. Announce the file again.")
        return replace(self, state=State.READY, sha256=sha256, updated_at=at, rev=self.rev + 1)

    def deleted(self, *, at: datetime) -> Self:
        """Return it deleted; itself if it was."""
        if self.state is State.DELETED:
            return self
        return replace(self, state=State.DELETED, deleted_at=at, updated_at=at, rev=self.rev + 1)


def refuse_size(size: int, *, is_guest: bool) -> None:
    """
    Return if somebody may send a file of so many bytes.

    Raises:
        InvalidArgument: it is too large, code `limit-exceeded`.
    """
    most = MAX_GUEST_SIZE if is_guest else MAX_SIZE
    if size > most:
        raise InvalidArgument(
            f"A file can have {most // MEBIBYTE} MiB.", code="limit-exceeded", pointer="/size"
        )
