"""What was said of tasks that moved, and attached to them, follows them page by page."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.attachments.copies import AttachmentCopies, Copy, adding, room_of
from backend.attachments.documents import counting
from backend.comments.documents import Seen, shadowing
from backend.comments.model import CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Put, Stored, Write
from backend.kit.errors import DataLoss
from backend.kit.people import people_in
from backend.operations.model import Operation
from backend.operations.running import Step
from backend.reactions.comments import CommentReactor
from backend.relocation.model import Pair, Place
from backend.tasks.documents import task_path
from backend.tasks.model import TaskRef
from backend.timers.outbox import Outbox
from backend.undo.keeping import Records

PAGE = 50  # Documents below a task; each comment is two writes, and some work of its reactor.


class Following:
    """
    Copies what lies below the tasks to where they are now, under the ids things have.

    Each page is one commit with the progress of the operation, so that none is copied twice. The
    originals go with their task, when its time in the trash is over. Called off, the rest stays
    with them.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        copies: AttachmentCopies,
        comments: CommentReactor,
        records: Records,
    ) -> None:
        self._store = store
        self._clock = clock
        self._copies = copies
        self._comments = comments
        self._records = records

    def step(self, operation: Operation) -> Step:
        """Copy a page; after the last one, finish."""
        place = Place.at(operation.cursor)
        # Counts them and makes them found: nobody is told of them again.
        for task_id, comment_id in place.pending:
            self._comments.react(CommentRef(place.target, task_id, comment_id))
        pair, result = place.pair, dict(operation.result or {})
        if pair is None:
            return Step(operation.finished(result, at=self._clock.now()))
        old, new = place.refs(pair)
        page = self._store.below(task_path(old), limit=PAGE, after=place.after, whole=True)
        there, usage = self._store.get_all([task_path(new), room_of(place.target)])
        if there is None:  # Gone for good, perhaps with its workspace.
            return self._progressed(operation, place, page[:0], Outbox(), result)
        outbox = Outbox()
        outbox.writes += self._history(page, pair, new, result)
        outbox.writes += self._said(page, new, result)
        outbox.writes += self._attached(page, new, usage, result)
        return self._progressed(operation, place, page, outbox, result)

    def tidy(self, uid: str, operation_id: str) -> bool:  # noqa: ARG002 - every work's signature.
        """Delete the records of the move, once it can be undone no longer."""
        return self._records.tidy_when_over(operation_id, self._clock.now())

    def _history(
        self, page: Sequence[Stored], pair: Pair, new: TaskRef, result: dict[str, Any]
    ) -> list[Write]:
        # That it went to the trash is no part of what it is now.
        found = [each for each in _of(page, "history") if each.fields.get("rev", 0) <= pair.rev]
        result["history"] += len(found)
        return [Put(f"{task_path(new)}/history/{each.id}", each.fields) for each in found]

    def _said(self, page: Sequence[Stored], new: TaskRef, result: dict[str, Any]) -> list[Write]:
        writes: list[Write] = []
        for each in _of(page, "comments"):
            told = frozenset(people_in({"mentionIds": each.fields.get("mentionIds", [])}))
            ref = CommentRef(*new, each.id)
            writes.append(Put(f"{task_path(new)}/comments/{each.id}", each.fields))
            writes.append(shadowing(None, ref, Seen(is_told=True, told=told)))
            result["comments"] += 1
        return writes

    def _attached(
        self, page: Sequence[Stored], new: TaskRef, usage: Stored | None, result: dict[str, Any]
    ) -> list[Write]:
        now = self._clock.now()
        copies = self._copies.lay_out([*_copies(page, new, now)], now=now)
        if not copies:
            return []
        result["attachments"] += len(copies)
        # They took room before; nobody is kept from moving by having used it all.
        return [*adding(copies, usage, most=None), counting(new, len(copies))]

    def _progressed(
        self,
        operation: Operation,
        place: Place,
        page: Sequence[Stored],
        outbox: Outbox,
        result: dict[str, Any],
    ) -> Step:
        is_over = len(page) < PAGE
        pair = place.pairs[place.next]
        further = replace(
            place,
            next=place.next + is_over,
            after="" if is_over else page[-1].path,
            pending=tuple((pair.new_id, each.id) for each in _of(page, "comments")),
        )
        progressed = operation.progressed(
            done=further.next, at=self._clock.now(), cursor=further.cursor, result=result
        )
        return Step(progressed, outbox)


def _copies(page: Sequence[Stored], new: TaskRef, now: datetime) -> Iterator[Copy]:
    for each in _of(page, "attachments"):
        with suppress(DataLoss):  # What nobody can read stays with its task.
            if (copy := Copy.to(new, each, at=now)) is not None:
                yield copy


def _of(page: Sequence[Stored], collection: str) -> list[Stored]:
    """Return the documents of one collection right below a task."""
    return [each for each in page if each.path.split("/")[4:-1] == [collection]]
