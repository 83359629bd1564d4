"""How routes of tasks name one, and answer with one."""

from backend.tasks.model import Task, TaskRef
from backend.undo.model import Done
from backend.web.conditional import revision_tag
from backend.web.context import workspace_id
from backend.web.undo_header import undo_header

Answer = tuple[Task, int, dict[str, str]]


def ref_of(workspace: str, task_id: str) -> TaskRef:
    """Return the task that a path names."""
    return TaskRef(workspace_id(workspace), task_id)


def answered(done: Done[Task]) -> Answer:
    """Return the answer to a command: the task, its tag, and the offer to take it back."""
    return done.value, 200, {**revision_tag(done.value.rev), **undo_header(done.undo)}
