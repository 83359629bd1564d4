"""Whether what somebody is to be told is still so: what was taken back meanwhile is not told."""

from backend.notifications.model import Category
from backend.reactions.difference import responsible
from backend.tasks.model import Priority, Task


def still_concerns(category: Category, uid: str, task: Task) -> bool:
    """
    Say whether a notification about a task still holds for a person, the task being as it is now.

    Assigned and unassigned, completed and reopened, late and done: what takes the first back
    before anybody has heard of it leaves nothing to hear.
    """
    match category:
        case Category.ASSIGNED:
            return uid in task.assignee_ids and task.deleted_at is None
        case Category.COMPLETED:
            return task.is_done
        case Category.STATUS_CHANGED:  # That it is done again is told by another event.
            return not task.is_done and task.deleted_at is None
        case Category.DUE_SOON | Category.REMINDER:
            return task.is_open
        case Category.OVERDUE | Category.ESCALATED:
            # Of the one hear those who should do it, of the other those who should not.
            is_theirs = (uid in responsible(task)) is (category is Category.OVERDUE)
            return task.is_open and task.is_overdue and is_theirs
    return True


def is_urgent(task: Task) -> bool:
    """Say whether what happens to a task may break somebody's quiet hours."""
    return task.priority is Priority.URGENT
