"""
Putting a task with subtasks in the trash.

What is below goes with it, goes up to the task above it, or keeps it from being deleted. Where a
task lies in the trash, whoever put it there, reactions take along what is still below it, with the
same `deletedAt`, and bring that back when the task comes back. So nobody sees the subtasks of a
task that is gone, and no subtree is too large.
"""

from enum import StrEnum

from backend.kit.errors import FailedPrecondition, InvalidArgument
from backend.tasks.draft import Draft
from backend.tasks.model import Task
from backend.tasks.trees import below, children, gone_with, place

# So many go along in the very commit; the others follow within moments.
MOST_AT_ONCE = 100
MOST_PROMOTED = 150  # With a history each, one commit takes that many.


class Below(StrEnum):
    """What becomes of the subtasks of a task that is deleted."""

    CASCADE = "cascade"
    PROMOTE = "promote"
    REFUSE = "refuse"


def delete(draft: Draft, task_id: str, *, subtasks: Below, expected_rev: int | None = None) -> Task:
    """
    Put a task in the trash, and do with its subtasks as said. Again changes nothing.

    Costs a query more than to change a task. A subtask that an app adds at the same instant goes
    the way of a cascade.

    Raises:
        NotFound: there is no such task.
        Stale: it is no longer at `expected_rev`.
        FailedPrecondition: it has subtasks, and they keep it.
        InvalidArgument: it has more than `MOST_PROMOTED` to go up.
    """
    old = draft.task(task_id)
    task = old.deleted(by=draft.by, at=draft.now, expected_rev=expected_rev)
    match subtasks:
        case Below.CASCADE:
            _take_along(draft, old)
        case Below.PROMOTE:
            _promote(draft, old)
        case Below.REFUSE:
            if draft.ask(children(draft.workspace_id, task_id, limit=1)):
                raise FailedPrecondition("It has subtasks. Say what is to become of them.")
    draft.put(task)
    return task


def restore(draft: Draft, task_id: str, *, expected_rev: int | None = None) -> Task:
    """
    Take a task out of the trash, with what went there along with it. Again changes nothing.

    Raises:
        NotFound: there is no such task any more.
        Stale: it is no longer at `expected_rev`.
    """
    old = draft.any_task(task_id)
    task = old.restored(by=draft.by, at=draft.now, expected_rev=expected_rev)
    draft.put(task)
    if old.deleted_at is not None:
        query = gone_with(draft.workspace_id, task_id, old.deleted_at, limit=MOST_AT_ONCE)
        found = [draft.any_task(stored.id) for stored in draft.ask(query)]
        for each in _really_below(old, found):
            draft.put(each.restored(by=draft.by, at=draft.now))
    return task


def _take_along(draft: Draft, task: Task) -> None:
    found = draft.ask(below(draft.workspace_id, task.id, limit=MOST_AT_ONCE))
    for each in _really_below(task, [draft.any_task(stored.id) for stored in found]):
        draft.put(each.deleted(by=draft.by, at=draft.now))


def _really_below(task: Task, found: list[Task]) -> list[Task]:
    """
    Return what of these is below a task by its parents as they are, in the state it is in.

    What was moved away a moment ago may still be found below it by its `ancestorIds`.
    """
    reached = {task.id}
    below_it = []
    for each in sorted(found, key=lambda each: each.depth):
        if each.parent_id in reached and each.deleted_at == task.deleted_at:
            reached.add(each.id)
            below_it.append(each)
    return below_it


def _promote(draft: Draft, task: Task) -> None:
    found = draft.ask(children(draft.workspace_id, task.id, limit=MOST_PROMOTED + 1))
    if len(found) > MOST_PROMOTED:
        raise InvalidArgument(
            f"It has more than {MOST_PROMOTED} subtasks. Move some of them first.",
            code="limit-exceeded",
            pointer="/children",
        )
    for each in [draft.any_task(stored.id) for stored in found]:
        if each.parent_id == task.id:
            raised = each.edited({"parent_id": task.parent_id}, by=draft.by, at=draft.now)
            draft.put(place(draft, raised, task.parent_id))
