"""Writing all search entries anew: for what was stored before there were any."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog

from backend.adapters.firestore import Store
from backend.boards.documents import group_of
from backend.comments.documents import comment_of, ref_of
from backend.kit.documents import NAME, Query, Stored, Unchanged, Write
from backend.kit.errors import DataLoss
from backend.search.entries import keeping_task, of_comment, putting
from backend.search.places import place_entry
from backend.tasks.documents import task_of, task_path

log = structlog.get_logger()

PAGE = 100  # Documents in one commit: an entry for each, and the guard that it is still so.

Entries = Callable[[Sequence[Stored]], list[tuple[Stored, Write]]]


class Reindexing:
    """
    Goes through all tasks, comments, boards and lists, and writes the entry of each.

    Beside running services: every entry is written only if its document is still what was read. It
    can be stopped and begun again at any time; what was written is written again, to the same.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self) -> Mapping[str, int]:
        """Return how many documents were looked at, by collection."""
        return {
            "tasks": self._through("tasks", _of_tasks),
            "comments": self._through("comments", self._of_comments),
            "boards": self._through("boards", _of_places),
            "lists": self._through("lists", _of_places),
        }

    def _through(self, collection: str, entries: Entries) -> int:
        after: tuple[str, ...] | None = None
        number = 0

        def plan() -> tuple[list[Stored], list[Write]]:
            found = self._store.find(
                Query(collection, PAGE, order_by=(NAME,), group=True, after=after)
            )
            pairs = entries(found)
            return found, [write for stored, each in pairs for write in (each, Unchanged(stored))]

        while page := self._store.commit(plan):
            number += len(page)
            after = (page[-1].path,)
            if len(page) < PAGE:
                break
        return number

    def _of_comments(self, found: Sequence[Stored]) -> list[tuple[Stored, Write]]:
        refs = {stored.path: ref_of(stored).task for stored in found}
        paths = list(dict.fromkeys(map(task_path, refs.values())))
        tasks = {stored.path: stored for stored in self._store.get_all(paths) if stored}
        pairs: list[tuple[Stored, Write]] = []
        for stored in found:
            # A comment whose task is gone is found by nobody, and its own deletion is under way.
            if task := tasks.get(task_path(refs[stored.path])):
                pairs += _readable(stored, partial(_comment, task))
        return pairs


def _of_tasks(found: Sequence[Stored]) -> list[tuple[Stored, Write]]:
    return [pair for stored in found for pair in _readable(stored, _task)]


def _of_places(found: Sequence[Stored]) -> list[tuple[Stored, Write]]:
    return [pair for stored in found for pair in _readable(stored, _place)]


def _task(stored: Stored) -> Write:
    return keeping_task(task_of(stored))


def _place(stored: Stored) -> Write:
    return putting(place_entry(group_of(stored)))


def _comment(task: Stored, stored: Stored) -> Write:
    comment = comment_of(stored)
    return of_comment(
        task_of(task),
        comment.id,
        comment.body,
        is_deleted=comment.deleted_at is not None,
        updated_at=comment.updated_at,
    )


def _readable(stored: Stored, write: Callable[[Stored], Write]) -> list[tuple[Stored, Write]]:
    """Return a document with the write of its entry; nothing where no one can read it."""
    try:
        return [(stored, write(stored))]
    except DataLoss as error:
        log.exception("entry.unreadable", detail=error.detail)
        return []
