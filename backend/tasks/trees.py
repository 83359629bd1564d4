"""Where a task stands below others: its ancestors, from the top, and how deep."""

from dataclasses import replace

from backend.tasks.draft import Draft
from backend.tasks.model import Task


def placed(draft: Draft, old: Task | None, task: Task) -> Task:
    """Return a task with the ancestors that its parent, if it is another now, gives it."""
    if task.parent_id == (old.parent_id if old else None):
        return task
    if task.parent_id is None:
        return replace(task, ancestor_ids=(), depth=0)
    parent = draft.task(task.parent_id)
    ancestors = (*parent.ancestor_ids, parent.id)
    return replace(task, ancestor_ids=ancestors, depth=len(ancestors))
