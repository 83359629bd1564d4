"""How many tasks stand in projects, boards and lists, counted where they are."""

from collections import Counter
from collections.abc import Sequence

from backend.adapters.firestore import Store
from backend.kit.documents import Bump, Increment, Write
from backend.tasks.model import Status, Task
from backend.workspaces.documents import workspace_path

OPEN, DONE = COUNTERS = ("openTasks", "doneTasks")
# The field of a shadow that says where the task was counted: what a recount goes by.
COUNTED = "counted"


def counted_as(workspace_id: str, collection: str, group_id: str, counter: str) -> str:
    """Return how a shadow says that its task was counted by a counter of a group."""
    return f"{workspace_id}/{collection}/{group_id}/{counter}"


def marks(task: Task) -> list[str]:
    """Return where a task counts: what is neither archived nor in the trash, by its counters."""
    return [
        counted_as(task.workspace_id, collection, group_id, counter)
        for collection, group_id in _places(task)
        for counter in _counters(task)
    ]


def counting(old: Task | None, task: Task | None) -> list[Bump]:
    """
    Return the writes by which groups count a task as it is, and no longer as it was.

    None is a task that is not there: not yet, or not any more.
    """
    by: Counter[tuple[str, str]] = Counter(_counts(task))
    by.subtract(_counts(old))
    changes: dict[str, dict[str, Increment]] = {}
    for (path, counter), change in sorted(by.items()):
        if change:
            changes.setdefault(path, {})[counter] = Increment(change)
    return [Bump(path, {"counters": counters}) for path, counters in changes.items()]


def without_absent(store: Store, writes: Sequence[Write]) -> list[Write]:
    """
    Return writes without the `Bump`s of what is gone, for a commit that has failed once.

    Whatever is deleted is counted in no longer, and its tasks come off it one by one.
    """
    paths = [write.path for write in writes if isinstance(write, Bump)]
    found = store.get_all(paths) if paths else []
    there = {stored.path for stored in found if stored is not None}
    return [write for write in writes if not isinstance(write, Bump) or write.path in there]


def _counts(task: Task | None) -> list[tuple[str, str]]:
    if task is None:
        return []
    workspace = workspace_path(task.workspace_id)
    return [
        (f"{workspace}/{collection}/{group_id}", counter)
        for collection, group_id in _places(task)
        for counter in _counters(task)
    ]


def _places(task: Task) -> list[tuple[str, str]]:
    named = (
        ("projects", task.project_id),
        ("boards", task.board_id),
        ("lists", task.list_id),
    )
    return [(collection, group_id) for collection, group_id in named if group_id is not None]


def _counters(task: Task) -> list[str]:
    if task.is_open:
        return [OPEN]
    return [DONE] if task.is_live and task.status is Status.DONE else []
