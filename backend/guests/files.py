"""The files of a guest's attachments, which move with the tasks they are attached to."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import Store
from backend.attachments.copies import AttachmentCopies, Copy, counted, room_of
from backend.attachments.documents import attachment_of, counting
from backend.attachments.model import State
from backend.attachments.usage import taking
from backend.kit.documents import Fields, Stored, Write
from backend.kit.errors import DataLoss
from backend.tasks.model import TaskRef

ATTACHMENTS = "tasks/attachments"


class GuestFiles:
    """Copies the files of attachments from a guest's folder to an account's."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store = store
        self._copies = AttachmentCopies(store, blobs)

    def move(self, wanted: Mapping[str, tuple[str, Fields]], *, now: datetime) -> set[str]:
        """
        Copy files before the commit that makes their documents; return which were there.

        `wanted` are paths of the new documents, each with the path of the old one and its fields.

        Raises:
            Unavailable: Cloud Storage is silent.
        """
        copies = [
            copy
            for path, (source, fields) in wanted.items()
            if (copy := _copy(path, source, fields))
        ]
        laid_out = {copy.source for copy in self._copies.lay_out(copies, now=now)}
        return {path for path, (source, _) in wanted.items() if source in laid_out}

    def counting(self, workspace_id: str, made: Mapping[str, Fields]) -> list[Write]:
        """
        Return what counts attachments that the same commit makes, by path: their room, their tasks.

        A guest has little, and it is never refused for want of room.
        """
        if not made:
            return []
        copies = [copy for path, fields in made.items() if (copy := _copy(path, path, fields))]
        size = sum(copy.attachment.size for copy in copies)
        usage = self._store.get(room_of(workspace_id))
        room = taking(usage, workspace_id, size, files=len(copies))
        tasks = counted(copies).items()
        return [
            room,
            *(counting(TaskRef(workspace_id, task_id), count) for task_id, count in tasks),
        ]


def _copy(path: str, source: str, fields: Fields) -> Copy | None:
    with suppress(DataLoss):  # Nobody can read it where it is, either.
        attachment = attachment_of(Stored(path, fields, datetime.min))  # noqa: DTZ901
        if attachment.state is State.READY:
            return Copy(source, attachment)
    return None
