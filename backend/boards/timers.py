"""The timer of a group: look at it, some time after it was deleted or brought back."""

from datetime import datetime, timedelta

from backend.boards.model import GroupKind, GroupRef
from backend.kit.documents import Write
from backend.kit.ids import derived_id
from backend.tasks.model import Task
from backend.timers.documents import setting
from backend.timers.model import Timer, TimerKind

# By then whoever looked whether it was there has written, and the reactor has counted.
LATER = timedelta(seconds=90)


def group_timer(ref: GroupRef, *, by: str, at: datetime, attempts: int = 0) -> Timer:
    """Return the timer that puts right what others wrote meanwhile; `by` is who began it."""
    subject = {
        "workspaceId": ref.workspace_id,
        "groupKind": ref.kind.value,
        "groupId": ref.id,
        "byUid": by,
    }
    timer_id = derived_id(TimerKind.GROUP.value, *ref)
    return Timer(timer_id, TimerKind.GROUP, subject, at + LATER, attempts)


def recounts(task: Task, *, by: str, at: datetime) -> list[Write]:
    """Return the writes by which groups are counted anew, a while after a task in them is gone."""
    named = (
        (GroupKind.PROJECT, task.project_id),
        (GroupKind.BOARD, task.board_id),
        (GroupKind.LIST, task.list_id),
    )
    refs = [GroupRef(task.workspace_id, kind, each) for kind, each in named if each is not None]
    return [setting(group_timer(ref, by=by, at=at), now=at) for ref in refs]
