"""
From an archive into a database: users/{uid}/** and the personal workspace, as they were.

Every commit writes some documents with `create()`, what follows from them, and how far the import
is: killed anywhere, it goes on where it was, and it never writes over anything. What people had
been told stays told: tasks and comments come with their shadows, so that the reactors find nothing
new.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import structlog

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import MAX_WRITES, Store
from backend.comments.documents import comment_of
from backend.exporting.archive import Archive, Document
from backend.exporting.segments import IN_MEMORY, copied
from backend.guests.timers import expiry_timer
from backend.kit.clock import Clock
from backend.kit.documents import Create, Fields, Put, Stored
from backend.kit.errors import Aborted, FailedPrecondition
from backend.kit.ids import derived_id
from backend.kit.tagged import renamed, stored_bytes
from backend.leaving.receipts import Receipts
from backend.operations.documents import changing, creating, operation_of, operation_path
from backend.operations.model import Operation, OperationKind, OperationState
from backend.reactions.comments import arriving
from backend.reactions.difference import difference
from backend.reactions.documents import shadow_fields, shadow_path
from backend.reactions.model import SetTimer
from backend.reactions.reaction import Reaction
from backend.tasks.documents import task_of
from backend.timers.model import Timer, TimerKind
from backend.timers.service import TimerService

log = structlog.get_logger()

# Kinds whose instant may have passed before the import.
LATE_OR_NOT = frozenset({TimerKind.OVERDUE, TimerKind.ESCALATION, TimerKind.TRASH})

MOST_BYTES = 4 * 1024 * 1024  # A commit may have 10 MiB.
MOST_RACES = 5
COMMENTS = "workspaces.tasks.comments"
FILE_TYPE = "application/octet-stream"


@dataclass(slots=True)
class _Commit:
    """Documents that are written together."""

    documents: int = 0
    bytes: int = 0
    writes: list[Create | Put] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)


class Importer:
    """Imports one archive for one person, who must not have an account yet."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, blobs: Blobs, receipts: Receipts
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._blobs = blobs
        self._receipts = receipts

    def run(self, archive: Archive, uid: str) -> Operation:
        """
        Import everything, or what an earlier run of the same import left; return what it became.

        Raises:
            Unfit: a document of the archive cannot be used; nothing was written.
            FailedPrecondition: this uid has an account, or had one that was erased.
        """
        for document in archive.documents():  # All of them, before the first is written.
            _check_readable(_moved(document, archive.uid, uid))
        operation = self._begun(archive, uid)
        if operation.state is OperationState.DONE:
            return operation
        operation = self._write_documents(archive, uid, operation)
        return self._finish(archive, uid, operation)

    def _begun(self, archive: Archive, uid: str) -> Operation:
        now = self._clock.now()
        operation_id = derived_id("import", uid, archive.manifest_sha256)
        stored, account, home = self._store.get_all(
            [operation_path(operation_id), f"users/{uid}", f"workspaces/{uid}"]
        )
        if stored is not None:
            return operation_of(stored)
        if self._receipts.is_gone(uid):
            raise FailedPrecondition("This uid was erased here. Choose another with --uid.")
        if account is not None or home is not None:
            raise FailedPrecondition("This uid has an account here already.")
        begun = Operation.started(operation_id, OperationKind.IMPORT, uid=uid, at=now)
        self._store.create([creating(begun)])
        log.info("import.started")
        return begun

    def _write_documents(self, archive: Archive, uid: str, operation: Operation) -> Operation:
        moved = (_moved(each, archive.uid, uid) for each in archive.documents())
        waiting = islice(moved, operation.done, None)
        now = self._clock.now()
        for commit in _commits(waiting, now):
            done = operation.done + commit.documents
            operation = self._commit(operation, done, commit)
        return operation

    def _commit(self, operation: Operation, done: int, commit: _Commit) -> Operation:
        for _ in range(MOST_RACES):
            stored = self._store.get(operation_path(operation.id))
            if stored is None or operation_of(stored).done != operation.done:
                raise Aborted("Another run of this import is at work.")
            now = self._clock.now()
            moved = operation.progressed(done=done, at=now, cursor={})
            if self._store.attempt([changing(stored, moved), *commit.writes]):
                self._timers.announce(commit.timers, now=now)
                return moved
            self._refuse_taken(operation, commit)
        raise Aborted("Others kept changing this at the same time.")

    def _refuse_taken(self, operation: Operation, commit: _Commit) -> None:
        """Say what is in the way, unless it was this very commit, whose answer was lost."""
        wanted = [write.path for write in commit.writes if isinstance(write, Create)]
        taken = [stored.path for stored in self._store.get_all(wanted) if stored is not None]
        if taken:
            now = operation_of(self._marker(operation))
            if now.done == operation.done:
                raise FailedPrecondition(f"{taken[0]} is there already, and stays as it is.")

    def _marker(self, operation: Operation) -> Stored:
        stored = self._store.get(operation_path(operation.id))
        if stored is None:
            raise Aborted("The record of this import is gone.")
        return stored

    def _finish(self, archive: Archive, uid: str, operation: Operation) -> Operation:
        names = archive.files()
        for name in names:  # Under the same names again, however often.
            with archive.file(name) as source, SpooledTemporaryFile(IN_MEMORY) as spooled:
                file = cast("BinaryIO", spooled)
                copied(cast("BinaryIO", source), file)
                self._blobs.put(_renamed_path(name, archive.uid, uid), file, content_type=FILE_TYPE)
        result = {"documents": operation.done, "files": len(names)}
        finished = operation.finished(result, at=self._clock.now())
        if not self._store.attempt([changing(self._marker(operation), finished)]):
            raise Aborted("Another run of this import is at work.")
        log.info("import.finished", done=operation.done)
        return finished


def _commits(documents: Iterator[Document], now: datetime) -> Iterator[_Commit]:
    """Pack documents, each with what follows from it, into commits that are small enough."""
    commit = _Commit()
    for document in documents:
        reaction = _writes_of(document, now)
        size = sum(stored_bytes(write.fields) for write in _documents(reaction))
        is_full = len(commit.writes) + len(reaction.writes) >= MAX_WRITES
        if commit.writes and (is_full or commit.bytes + size > MOST_BYTES):
            yield commit
            commit = _Commit()
        commit.documents += 1
        commit.bytes += size
        commit.writes += _documents(reaction)
        commit.timers += reaction.timers
    if commit.writes:
        yield commit


def _documents(reaction: Reaction) -> list[Create | Put]:
    return cast("list[Create | Put]", reaction.writes)


def _writes_of(document: Document, now: datetime) -> Reaction:
    reaction = Reaction([Create(document.path, document.fields)])
    if document.collection == "users" and (expire_at := document.fields["expireAt"]):
        reaction.set(expiry_timer(document.path.split("/")[1], expire_at), now)
    if document.collection == COMMENTS:
        arriving(comment_of(_as_stored(document)), reaction, now)
    if document.collection != "workspaces.tasks":
        return reaction
    task = task_of(_as_stored(document))
    reaction.writes.append(Create(shadow_path(task.ref), shadow_fields(task)))
    for timer in difference(None, task):
        if isinstance(timer, SetTimer) and _is_to_come(timer, now):
            reaction.schedule(timer.kind, task.ref, timer.fire_at, now)
    return reaction


def _is_to_come(timer: SetTimer, now: datetime) -> bool:
    """
    Whether something is still to happen then. What is late by now is found to be so at once, and
    once: a task that had been flagged before asks for no timer but that of others' patience, who
    are not told again. It is not "due soon" any more.
    """
    if timer.fire_at is None:
        return False
    return timer.kind in LATE_OR_NOT or timer.fire_at > now


def _check_readable(document: Document) -> None:
    if document.collection == "workspaces.tasks":
        task_of(_as_stored(document))
    if document.collection == COMMENTS:
        comment_of(_as_stored(document))


def _as_stored(document: Document) -> Stored:
    # What reads a document wants to know when it was written, which has no meaning here.
    return Stored(document.path, document.fields, datetime.min)  # noqa: DTZ901


def _moved(document: Document, old: str, new: str) -> Document:
    """Return a document as it is to lie here: of this uid, and with no wish to be erased."""
    fields: Fields = cast("dict[str, Any]", renamed(document.fields, old, new))
    if document.collection == "users":
        fields = {**fields, "eraseAt": None}  # That wish was for where it was.
    return Document(document.collection, _renamed_path(document.path, old, new), fields)


def _renamed_path(path: str, old: str, new: str) -> str:
    segments: Sequence[str] = path.split("/")
    return "/".join(new if each == old else each for each in segments)
