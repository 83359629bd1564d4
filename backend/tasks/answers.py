"""How routes of tasks name one, and answer with one."""

from backend.tasks.model import Task, TaskRef
from backend.tasks.parts import Part
from backend.undo.model import Done
from backend.web.conditional import if_match, revision_tag
from backend.web.context import actor, services, workspace_id
from backend.web.undo_header import undo_header

Answer = tuple[Task, int, dict[str, str]]


def ref_of(workspace: str, task_id: str) -> TaskRef:
    """Return the task that a path names."""
    return TaskRef(workspace_id(workspace), task_id)


def answered(done: Done[Task]) -> Answer:
    """Return the answer to a command: the task, its tag, and the offer to take it back."""
    return done.value, 200, {**revision_tag(done.value.rev), **undo_header(done.undo)}


def with_part(workspace: str, task_id: str, part: Part, each: str) -> Answer:
    """Put one more person, label or blocker on a task, as `If-Match` allows, and answer so."""
    ref = ref_of(workspace, task_id)
    return answered(services().parts.put(actor(), ref, part, each, expected_rev=if_match()))


def without_part(workspace: str, task_id: str, part: Part, each: str) -> Answer:
    """Take one of them off a task, as `If-Match` allows, and answer so."""
    ref = ref_of(workspace, task_id)
    return answered(services().parts.take(actor(), ref, part, each, expected_rev=if_match()))
