"""
What a task adds to the totals of its workspace.

They stand in `counters` of the workspace and follow in the commit of each reaction, from what the
shadow says the task was to what it is. So they are always the sum over all shadows.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from backend.kit.documents import Adjust, Increment, Write
from backend.kit.people import TOTALS
from backend.tasks.model import Status, Task
from backend.workspaces.documents import workspace_path

BY_STATUS, BY_PRIORITY, BY_MEMBER = "byStatus", "byPriority", TOTALS
OPEN, DONE, OVERDUE = "open", "done", "overdue"
ALL = "allTasks"  # Trash and archive included: what guests may have so many of.


def totals(task: Task | None) -> Counter[str]:
    """
    Return what a task adds to each total; None adds nothing. Names of nested ones have slashes.

    Statuses count what is in neither trash nor archive; priorities what somebody still has to do;
    a member is anybody it is assigned to.
    """
    if task is None:
        return Counter()
    # `doneTasks` keeps what was done and put into the archive since.
    found = Counter({ALL: 1, "openTasks": int(task.is_open), "doneTasks": int(task.is_done)})
    if not task.is_live:
        return found
    found[f"{BY_STATUS}/{task.status.value}"] = 1
    if task.is_open:
        found[f"{BY_PRIORITY}/{task.priority.name.lower()}"] = 1
        found["overdueTasks"] = int(task.is_overdue)
    for uid in task.assignee_ids:
        found[f"{BY_MEMBER}/{uid}/{OPEN}"] = int(task.is_open)
        found[f"{BY_MEMBER}/{uid}/{DONE}"] = int(task.status is Status.DONE)
        found[f"{BY_MEMBER}/{uid}/{OVERDUE}"] = int(task.is_open and task.is_overdue)
    return found


def moved(old: Task | None, task: Task | None) -> dict[str, int]:
    """Return by how much each total changes when a task becomes another; None: there is none."""
    by = totals(task)
    by.subtract(totals(old))
    return {name: change for name, change in sorted(by.items()) if change}


def adding(workspace_id: str, changes: Mapping[str, int]) -> list[Write]:
    """Return the write that adds to totals of a workspace, if there is anything to add."""
    increments = {name: Increment(by) for name, by in changes.items() if by}
    if not increments:
        return []
    for name in list(increments):
        # Everybody counted has this number, by which who is to be forgotten is found.
        if name.startswith(f"{BY_MEMBER}/"):
            increments.setdefault(f"{name.rpartition('/')[0]}/{OPEN}", Increment(0))
    return [Adjust(workspace_path(workspace_id), {"counters": nested(increments)})]


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return totals as the map that documents hold, from their names with slashes."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        *outer, last = name.split("/")
        place = found
        for each in outer:
            place = place.setdefault(each, {})
        place[last] = value
    return found
