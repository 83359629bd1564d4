"""Whether what somebody is to be told is still so: what was taken back meanwhile is not told."""

from collections.abc import Mapping
from datetime import datetime

from backend.comments.documents import comment_path, live_comment
from backend.comments.model import CommentRef
from backend.kit.documents import Stored
from backend.notifications.model import Category, Notification
from backend.reactions.difference import responsible
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Priority, Task, TaskRef
from backend.workspaces.documents import member_of, member_path

# What a notification may be about, and what is looked at once more before it goes out.
MEMBER, TASK, COMMENT = "member", "task", "comment"
About = Mapping[str, Stored | None]
ABOUT_COMMENT = "commentId"
COMMENTS = "/comments/"


def subject_of(notification: Notification) -> dict[str, str]:
    """Return what a notification tells of, as timers name it: a task, perhaps a comment."""
    if notification.workspace_id is None or notification.task_id is None:
        return {}
    named = {"workspaceId": notification.workspace_id, "taskId": notification.task_id}
    _, is_of_comment, comment_id = notification.link.rpartition(COMMENTS)
    return {**named, ABOUT_COMMENT: comment_id} if is_of_comment else named


def paths_about(
    uid: str, workspace_id: str | None, task_id: str | None, comment_id: str | None
) -> dict[str, str]:
    """Return where that lies which a notification tells somebody of, as far as it is named."""
    if workspace_id is None:
        return {}
    paths = {MEMBER: member_path(workspace_id, uid)}
    if task_id is not None:
        task = TaskRef(workspace_id, task_id)
        paths[TASK] = task_path(task)
        if comment_id is not None:
            paths[COMMENT] = comment_path(CommentRef(*task, comment_id))
    return paths


def why_not(notification: Notification, about: About, now: datetime) -> str:
    """
    Return why nobody needs to hear of a notification any more, or nothing.

    `about` is what lies at `paths_about`, as it is now: what was not asked for is not looked at.
    """
    if MEMBER in about and _has_left(notification, about[MEMBER], now):
        return "leftWorkspace"
    return "" if _is_still_so(notification, about) else "takenBack"


def _has_left(notification: Notification, member: Stored | None, now: datetime) -> bool:
    """Whether it tells of a workspace that is not the person's any more to look into."""
    if notification.category is Category.INVITATION:  # They are to join it yet.
        return False
    return member is None or not member_of(member).is_current(now)


def _is_still_so(notification: Notification, about: About) -> bool:
    if COMMENT in about and live_comment(about[COMMENT]) is None:
        return False
    if TASK not in about:
        return True
    stored = about[TASK]
    task = task_of(stored) if stored else None
    if task is None or task.deleted_at is not None:
        return False
    return still_concerns(notification.category, notification.uid, task)


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
            # That it is late by now is told by another event.
            is_past = category is Category.DUE_SOON and task.is_overdue
            return task.is_open and not is_past
        case Category.OVERDUE | Category.ESCALATED:
            # Of the one hear those who should do it, of the other those who should not.
            is_theirs = (uid in responsible(task)) is (category is Category.OVERDUE)
            return task.is_open and task.is_overdue and is_theirs
    return True


def is_urgent(task: Task) -> bool:
    """Say whether what happens to a task may break somebody's quiet hours."""
    return task.priority is Priority.URGENT
