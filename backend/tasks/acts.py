"""
What people can do to a task, on a draft: the same for a request of its own and for one of many.

Each act changes the draft and returns the task as it will be, or changes nothing and returns it as
it is. `expected_rev` is the revision the caller believes to change.

Raises (every act on a task that is there):
    NotFound: there is none, or it lies in the trash.
    Stale: it is no longer at `expected_rev`.
    InvalidArgument: it gets into a list that is full (`limit-exceeded`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from backend.tasks.crowding import entering
from backend.tasks.dependencies import waiting
from backend.tasks.draft import Draft
from backend.tasks.history import Change
from backend.tasks.merging import Since, based, lost, since
from backend.tasks.model import Task, TaskRef, new_task
from backend.tasks.references import referring


class Act(Protocol):
    """Something that can be done to a task without saying more than which."""

    def __call__(self, draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
        """Do it on the draft; return the task as it will be."""


def create(draft: Draft, task_id: str, *, title: str, details: Mapping[str, Any]) -> Task:
    """
    Let there be a new task under an id of its own. `details` are as of `Task.edited`.

    Raises:
        InvalidArgument: something it refers to is not there.
    """
    ref = TaskRef(draft.workspace_id, task_id)
    task = new_task(ref, title=title, by=draft.by, at=draft.now, details=details)
    draft.add(task := referring(draft, None, task))
    return task


def edit(
    draft: Draft, task_id: str, changes: Mapping[str, Any], *, expected_rev: int | None = None
) -> Task:
    """
    Change some fields.

    Raises:
        InvalidArgument: something newly referred to is not there.
    """
    old = draft.task(task_id)
    task = old.edited(changes, by=draft.by, at=draft.now, expected_rev=expected_rev)
    if task is not old:
        draft.put(task := referring(draft, old, task))
    return task


def merge(
    draft: Draft,
    task_id: str,
    changes: Mapping[str, Any],
    *,
    base_rev: int,
    later: Callable[[], Sequence[Change]],
    expected_rev: int | None = None,
) -> Task:
    """
    Change some fields of a task as it was at `base_rev`; `later` reads its history after that.

    Raises:
        InvalidArgument: as `edit`, or the task has never been at `base_rev`.
    """
    old = draft.task(task_id)
    then = Since() if base_rev == old.rev else since(base_rev, old, later())
    task = edit(draft, task_id, based(changes, then), expected_rev=expected_rev)
    if task is not old:
        draft.lose(task_id, lost(old, task, then))
    return task


def complete(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """
    Mark it done.

    Raises:
        FailedPrecondition: it waits for a task that is not done.
    """
    old = draft.task(task_id)
    task = old.completed(by=draft.by, at=draft.now, expected_rev=expected_rev)
    return _put(draft, waiting(draft, old, task))


def reopen(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """Mark it open again."""
    task = draft.task(task_id)
    return _put(draft, task.reopened(by=draft.by, at=draft.now, expected_rev=expected_rev))


def archive(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """Put it into the archive: out of every list, and as it was."""
    task = draft.task(task_id)
    return _put(draft, task.archived(by=draft.by, at=draft.now, expected_rev=expected_rev))


def unarchive(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """Take it out of the archive."""
    task = draft.task(task_id)
    return _put(draft, task.unarchived(by=draft.by, at=draft.now, expected_rev=expected_rev))


def delete(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """Put it in the trash."""
    task = draft.task(task_id)
    return _put(draft, task.deleted(by=draft.by, at=draft.now, expected_rev=expected_rev))


def restore(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """Take it out of the trash. What is not there stays as it is."""
    task = draft.any_task(task_id)
    return _put(draft, task.restored(by=draft.by, at=draft.now, expected_rev=expected_rev))


def _put(draft: Draft, task: Task) -> Task:
    draft.put(entering(draft, draft.any_task(task.id), task))
    return task
