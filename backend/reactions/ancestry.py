"""Who stands above a task, by what the tasks themselves say."""

from backend.adapters.firestore import Store
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import MAX_DEPTH, Task, TaskRef


def chain_of(store: Store, task: Task) -> tuple[str, ...]:
    """
    Return the ids of a task and all above it, from the top, by `parentId` alone.

    No more than `MAX_DEPTH` + 1: what has so many above it stands too deep whatever is above them.
    """
    ids = [each for each in task.ancestor_ids if task.parent_id is not None]
    found = store.get_all([_path(task, each) for each in ids]) if ids else []
    known = dict(zip(ids, found, strict=True))
    chain = [task.id]
    while task.parent_id is not None and len(chain) <= MAX_DEPTH:
        if task.parent_id not in known:
            known[task.parent_id] = store.get(_path(task, task.parent_id))
        above = known[task.parent_id]
        if above is None:
            break
        task = task_of(above)
        chain.append(task.id)
    return tuple(reversed(chain))


def _path(task: Task, other_id: str) -> str:
    return task_path(TaskRef(task.workspace_id, other_id))
