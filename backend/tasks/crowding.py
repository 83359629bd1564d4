"""
How many open tasks may stand in a list: its `wipLimit`.

A task that gets into a list, or is opened again there, must find room. What stands there is counted
anew, by a query, and of two who come for the last place at once one is refused: whoever gets in
writes to a document of the list's that nobody sees, and so outdates what the other has counted.
"""

from backend.kit.documents import Change, Create, Query, Where, Write
from backend.kit.errors import InvalidArgument
from backend.kit.ids import derived_id
from backend.tasks.documents import tasks_path
from backend.tasks.draft import Draft
from backend.tasks.model import Status, Task


def entering(draft: Draft, old: Task | None, task: Task) -> Task:
    """
    Return a task that may become what it is to be: there is room for it in its list.

    Costs nothing where the list has no limit and was read before; else a read, a count, a write.

    Raises:
        InvalidArgument: the list is full, code `limit-exceeded`.
    """
    if not _stands_in(task, task.list_id) or (old and _stands_in(old, task.list_id)):
        return task
    list_id = str(task.list_id)
    stored = draft.document(f"workspaces/{draft.workspace_id}/lists/{list_id}")
    limit = stored.fields.get("wipLimit") if stored is not None else None
    if not isinstance(limit, int):
        return task
    guard = _guard_path(draft, list_id)
    draft.read([guard])  # Before counting, so that no arrival falls between the two.
    if _standing(draft, list_id, besides=task.id) >= limit:
        raise InvalidArgument(
            f"No more than {limit} open tasks may stand in this list.",
            code="limit-exceeded",
            pointer="/listId",
        )
    draft.beside(guard, _arriving)
    return task


def _standing(draft: Draft, list_id: str, *, besides: str) -> int:
    """Count what stands in a list as the draft has it by now, without one task."""
    where = (
        Where("listId", "==", list_id),
        Where("status", "in", [Status.OPEN.value, Status.IN_PROGRESS.value]),
        Where("deletedAt", "==", None),
        Where("archivedAt", "==", None),
    )
    count = draft.count(Query(tasks_path(draft.workspace_id), 1, where=where))
    for task in (*draft.changed, *draft.added):
        if task.id != besides:
            count += _stands_in(task, list_id)
    stored = [*(draft.before(task.id) for task in draft.changed if task.id != besides)]
    if (before := draft.as_read(besides)) is not None:
        stored.append(before)
    return count - sum(_stands_in(task, list_id) for task in stored)


def _stands_in(task: Task, list_id: str | None) -> bool:
    return list_id is not None and task.list_id == list_id and task.is_open


def _guard_path(draft: Draft, list_id: str) -> str:
    return f"shadows/{derived_id('arrivals', draft.workspace_id, list_id)}"


def _arriving(draft: Draft, path: str) -> Write:
    stored = draft.document(path)
    if stored is None:
        return Create(path, {"workspaceId": draft.workspace_id, "rev": 1})
    return Change(stored, {"rev": stored.fields["rev"] + 1})
