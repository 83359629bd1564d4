"""The timers of a task of which it has one of each kind."""

from datetime import datetime

from backend.kit.ids import derived_id
from backend.tasks.model import TaskRef
from backend.timers.model import Timer, TimerKind


def task_timer(kind: TimerKind, ref: TaskRef, at: datetime) -> Timer:
    """Return the timer of a kind that a task has, in place of the one there is."""
    subject = {"workspaceId": ref.workspace_id, "taskId": ref.task_id}
    return Timer(task_timer_id(kind, ref), kind, subject, at)


def task_timer_id(kind: TimerKind, ref: TaskRef) -> str:
    """Return the id of the timer of a kind that a task has."""
    return derived_id(kind.value, *ref)
