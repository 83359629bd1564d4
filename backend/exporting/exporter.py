"""
Making somebody's archive, a step at a time.

Each step writes one segment, under a name nobody else uses, and a note of what is in it. The
operation's cursor holds the names: what a worker wrote that died, or lost a race, is in no cursor
and is swept away with the rest.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import structlog

from backend.adapters.blobs import MOST_PARTS, Blobs
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.exporting.batches import MOST_DOCUMENTS, Batch, Place, read_batch
from backend.exporting.chapters import PAGE, chapters
from backend.exporting.closing import write_rest
from backend.exporting.segments import IN_MEMORY, Entry, Segment
from backend.kit.clock import Clock
from backend.kit.errors import NotFound, Unavailable
from backend.kit.ids import random_id
from backend.mailing.model import mail_timer
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.timers.outbox import Outbox

log = structlog.get_logger()

ZIP, JSON = "application/zip", "application/json"
SWEPT_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far an archive is. `whole` is set once the segments have been put together."""

    place: Place = field(default_factory=Place)
    segments: tuple[str, ...] = ()
    bytes: int = 0
    documents: int = 0
    whole: Mapping[str, Any] | None = field(default=None)

    def to_fields(self) -> dict[str, Any]:
        """Return the map kept with the operation."""
        return {
            "chapter": self.place.chapter,
            "after": self.place.after,
            "segments": list(self.segments),
            "bytes": self.bytes,
            "documents": self.documents,
            "whole": self.whole,
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Cursor":
        """Read the map back; an empty one is the beginning."""
        if not fields:
            return cls()
        return cls(
            place=Place(fields["chapter"], fields["after"]),
            segments=tuple(fields["segments"]),
            bytes=fields["bytes"],
            documents=fields["documents"],
            whole=fields["whole"],
        )


class Exporter:
    """`Work` of exports."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        blobs: Blobs,
        credentials: Credentials,
        *,
        page: int = PAGE,
        batch: int = MOST_DOCUMENTS,
    ) -> None:
        """Read `page` documents at once, and write a segment of every `batch`."""
        self._batch = batch
        self._clock = clock
        self._blobs = blobs
        self._credentials = credentials
        self._chapters = chapters(store, page=page)

    def step(self, operation: Operation) -> Step:
        """Write the next segment; or put all of them together; or sweep, and be done."""
        cursor = Cursor.from_fields(operation.cursor)
        if cursor.whole is not None:
            return self._finished(operation, cursor.whole)
        if cursor.place.chapter < len(self._chapters):
            moved = self._segment(operation, cursor)
        else:
            moved = self._joined(operation, cursor)
        return Step(
            operation.progressed(
                done=moved.documents,
                total=moved.documents if moved.whole is not None else None,
                cursor=moved.to_fields(),
                at=self._clock.now(),
            )
        )

    def tidy(self, uid: str, operation_id: str) -> bool:
        """Delete everything that an export wrote; False: there is more."""
        return self._blobs.delete_prefix(folder(uid, operation_id), SWEPT_AT_ONCE) < SWEPT_AT_ONCE

    def _segment(self, operation: Operation, cursor: Cursor) -> Cursor:
        number = len(cursor.segments) + 1
        batch = read_batch(self._chapters, operation.uid, number, cursor.place, most=self._batch)
        segment = Segment(begins_at=cursor.bytes, dated=operation.created_at)
        batch.write_into(segment)
        self._add_files(batch, segment)
        file, size = segment.ended()
        # Of this run alone: two workers that read at different times must not mix.
        name = f"{number:05}-{random_id()}"
        parts = _parts(operation)
        self._blobs.put(f"{parts}{name}.zip", file, content_type=ZIP)
        note = json.dumps([entry.as_json() for entry in segment.entries]).encode()
        self._blobs.put(f"{parts}{name}.json", note, content_type=JSON)
        return replace(
            cursor,
            place=batch.next,
            segments=(*cursor.segments, name),
            bytes=cursor.bytes + size,
            documents=cursor.documents + batch.documents,
        )

    def _add_files(self, batch: Batch, segment: Segment) -> None:
        # An attachment's file has the path of its document as its name.
        for name in batch.files:
            with SpooledTemporaryFile(IN_MEMORY) as file:
                content = cast("BinaryIO", file)
                try:
                    self._blobs.read_into(name, content)
                except NotFound:  # Never uploaded, or deleted since: its document says so.
                    log.info("export.file_was_gone")
                    continue
                segment.add(f"files/{name}", content, section="files")

    def _joined(self, operation: Operation, cursor: Cursor) -> Cursor:
        try:
            return self._join(operation, cursor)
        except NotFound as error:  # Another worker has put them together, and swept.
            raise Unavailable("The parts of this archive are gone.") from error

    def _join(self, operation: Operation, cursor: Cursor) -> Cursor:
        parts, run = _parts(operation), random_id()
        before = self._noted(parts, cursor.segments)
        last = Segment(begins_at=cursor.bytes, dated=operation.created_at)
        credential = self._credentials.find(operation.uid)
        digest = write_rest(last, before, operation, credential)
        file, size = last.closed(before)
        self._blobs.put(f"{parts}last-{run}.zip", file, content_type=ZIP)
        # Of its own name again: this worker may be the slower one.
        archive = f"{folder(operation.uid, operation.id)}{run}.zip"
        names = [f"{parts}{name}.zip" for name in cursor.segments] + [f"{parts}last-{run}.zip"]
        self._put_together(archive, names)
        self._check_size(archive, cursor.bytes + size)
        whole = {"archive": archive, "bytes": cursor.bytes + size, "manifestSha256": digest}
        return replace(cursor, whole=whole)

    def _sweep(self, operation: Operation, *, kept: str) -> None:
        """Delete the parts, and whatever a worker left that died or was slower."""
        while True:
            found = self._blobs.listed(folder(operation.uid, operation.id), limit=SWEPT_AT_ONCE)
            left = [blob.name for blob in found if blob.name != kept]
            if not left:
                return
            for name in left:
                self._blobs.delete(name)

    def _put_together(self, archive: str, names: Sequence[str]) -> None:
        first, rest = names[:MOST_PARTS], names[MOST_PARTS:]
        self._blobs.join(archive, first, content_type=ZIP)
        step = MOST_PARTS - 1
        for at in range(0, len(rest), step):
            self._blobs.join(archive, [archive, *rest[at : at + step]], content_type=ZIP)

    def _check_size(self, archive: str, wanted: int) -> None:
        found = self._blobs.listed(archive, limit=1)
        if [wanted] != [blob.size for blob in found]:
            raise Unavailable("The archive was not put together as it should be.")

    def _noted(self, parts: str, names: Sequence[str]) -> list[Entry]:
        entries = []
        for name in names:
            note = BytesIO()
            self._blobs.read_into(f"{parts}{name}.json", note)
            entries += [Entry(**each) for each in json.loads(note.getvalue())]
        return entries

    def _finished(self, operation: Operation, whole: Mapping[str, Any]) -> Step:
        self._sweep(operation, kept=whole["archive"])
        now = self._clock.now()
        outbox = Outbox()
        subject = {"uid": operation.uid, "operationId": operation.id}
        outbox.set(mail_timer("exportReady", (operation.id,), subject, now), now)
        return Step(operation.finished(whole, at=now), outbox)


def folder(uid: str, operation_id: str) -> str:
    """Return where an export writes. Everything of a person's exports is below `exports/{uid}/`."""
    return f"exports/{uid}/{operation_id}/"


def _parts(operation: Operation) -> str:
    return f"{folder(operation.uid, operation.id)}parts/"
