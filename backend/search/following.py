"""When a task goes to the trash or comes back, its comments go and come with it."""

from collections.abc import Sequence

import structlog

from backend.adapters.firestore import Store
from backend.comments.documents import comment_of, comments_path
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Query, Remove, Stored, Unchanged, Where, Write
from backend.search.entries import ENTRIES, of_comment
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm

log = structlog.get_logger()

PAGE = 100  # Comments, or entries, in one commit.


class CommentEntries:
    """
    Makes the search entries of a task's comments what the task's state asks for.

    Page by page. Every commit is guarded by the timer, which the reactor sets anew when the task
    moves once more: whoever is under way then looks again. Killed anywhere, it begins anew.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def fire(self, alarm: Alarm) -> None:
        """Take the entries away, or write them, as many as there are; then remove the timer."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))
        after: tuple[str, ...] | None = None
        number = 0

        def plan() -> tuple[Sequence[Stored], list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            if timer is None or not is_due(timer, alarm, now):
                return [], []
            task = task_of(stored) if stored else None
            if task is None or task.deleted_at is not None:
                page = self._entries(ref)
                writes: list[Write] = [Remove(entry) for entry in page]
            else:
                page = self._comments(ref, after)
                writes = [write for each in page for write in _entry(task, each)]
            is_last = len(page) < PAGE
            return page, [*writes, Remove(timer) if is_last else Unchanged(timer)]

        while len(page := self._store.commit(plan)) == PAGE:
            number += len(page)
            after = (page[-1].path,)
        log.info("task.comments_followed", task_id=ref.task_id, done=number + len(page))

    def _entries(self, ref: TaskRef) -> list[Stored]:
        where = (
            Where("workspaceId", "==", ref.workspace_id),
            Where("taskId", "==", ref.task_id),
        )
        return self._store.find(Query(ENTRIES, PAGE, where, only=("kind",)))

    def _comments(self, ref: TaskRef, after: tuple[str, ...] | None) -> list[Stored]:
        return self._store.find(Query(comments_path(ref), PAGE, order_by=(NAME,), after=after))


def _entry(task: Task, stored: Stored) -> list[Write]:
    comment = comment_of(stored)
    entry = of_comment(
        task,
        comment.id,
        comment.body,
        is_deleted=comment.deleted_at is not None,
        updated_at=comment.updated_at,
    )
    return [entry, Unchanged(stored)]
