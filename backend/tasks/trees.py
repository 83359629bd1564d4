"""
Where a task stands below others: its ancestors, from the top, and how deep.

A chain of parents is walked by `parentId`, never by the stored `ancestorIds` alone, which follow by
reactions and may be out of date for a moment. Every task of the chain is held: the commit fails if
somebody, also an app, changes one meanwhile. So no two moves, however close, close a circle.
"""

from dataclasses import replace
from datetime import datetime

from backend.kit.documents import Query, Where
from backend.kit.errors import Fault, InvalidArgument
from backend.tasks.documents import tasks_path
from backend.tasks.draft import Draft
from backend.tasks.model import MAX_DEPTH, Task

POINTER = "/parentId"
SUBTASKS = "subtasks"


def placed(draft: Draft, old: Task | None, task: Task) -> Task:
    """
    Return a task with the ancestors that its parent, if it is another now, gives it.

    Raises:
        InvalidArgument: as `place`.
    """
    if task.parent_id == (old.parent_id if old else None):
        return task
    return place(draft, task, task.parent_id)


def place(draft: Draft, task: Task, parent_id: str | None) -> Task:
    """
    Return a task, as it will be, below another (None: below none), and hold the chain above it.

    It is not stamped as changed, which is its caller's. Costs one round trip for the chain where
    that was not read yet, and one query where subtasks of the task get deeper.

    Raises:
        InvalidArgument: there is no such task or it lies in the trash (`unknown-reference`), it
            is the task itself or one below it (`cycle-detected`), or the task or one below it
            would stand deeper than `MAX_DEPTH` (`limit-exceeded`).
    """
    if parent_id is None:
        return replace(task, parent_id=None, ancestor_ids=(), depth=0)
    chain = _chain(draft, parent_id, of=task.id)
    _check_depth(draft, task, len(chain))
    for each in chain:
        draft.hold(each)
    return replace(task, parent_id=parent_id, ancestor_ids=chain, depth=len(chain))


def _chain(draft: Draft, parent_id: str, *, of: str) -> tuple[str, ...]:
    """Return the ids of a parent and all above it, from the top."""
    last = draft.find(parent_id)
    if last is None or last.deleted_at is not None:
        fault = Fault(POINTER, "unknown-reference", "There is no such task in this workspace.")
        raise InvalidArgument("What a task refers to must be there.", faults=(fault,))
    draft.read(map(draft.path, last.ancestor_ids))  # All at once, where they are up to date.
    chain = [last.id]
    while of not in chain and last.parent_id is not None and len(chain) <= MAX_DEPTH:
        above = draft.find(last.parent_id)
        if above is None:
            # Nothing that is absent can be held, and an app might make it anew, so the chain has
            # to end here for certain.
            draft.put(top(last, draft))
            break
        chain.append(above.id)
        last = above
    if of in chain:
        raise InvalidArgument(
            "A task cannot be below itself or its own subtasks.",
            code="cycle-detected",
            pointer=POINTER,
        )
    return tuple(reversed(chain))


def top(task: Task, draft: Draft) -> Task:
    """Return a task below no other, as a change by whoever does this."""
    freed = task.edited({"parent_id": None}, by=draft.by, at=draft.now)
    return replace(freed, ancestor_ids=(), depth=0)


def _check_depth(draft: Draft, task: Task, depth: int) -> None:
    if depth > MAX_DEPTH or (task.counters.get(SUBTASKS) and _has_below(draft, task, depth)):
        raise InvalidArgument(
            f"Tasks can be nested {MAX_DEPTH} deep, and no deeper.",
            code="limit-exceeded",
            pointer=POINTER,
        )


def _has_below(draft: Draft, task: Task, depth: int) -> bool:
    """
    Say whether a task below this one would be too deep if this one stood at `depth`.

    By what is stored of them, which may lag behind: the reactor then cuts off what is too deep.
    """
    before = draft.before(task.id).depth
    deepest = before + MAX_DEPTH - depth
    if depth <= before or deepest >= MAX_DEPTH:
        return False
    return bool(draft.ask(below(draft.workspace_id, task.id, limit=1, deeper_than=deepest)))


def below(workspace_id: str, task_id: str, *, limit: int, deeper_than: int | None = None) -> Query:
    """Return the query of all tasks below one that are not in the trash, parents first."""
    where = [Where("deletedAt", "==", None), Where("ancestorIds", "array_contains", task_id)]
    if deeper_than is not None:
        where.append(Where("depth", ">", deeper_than))
    return Query(
        tasks_path(workspace_id), limit=limit, where=tuple(where), order_by=("depth", "rank")
    )


def gone_with(workspace_id: str, task_id: str, at: datetime, *, limit: int) -> Query:
    """Return the query of all tasks below one that went to the trash along with it."""
    where = Where("deletedAt", "==", at), Where("ancestorIds", "array_contains", task_id)
    return Query(tasks_path(workspace_id), limit=limit, where=where)


def children(workspace_id: str, task_id: str, *, limit: int) -> Query:
    """Return the query of the tasks right below one that are not in the trash."""
    where = Where("parentId", "==", task_id), Where("deletedAt", "==", None)
    return Query(tasks_path(workspace_id), limit=limit, where=where)
