"""Where something happened, as people see it: the project, else the board, else the workspace."""

from dataclasses import dataclass

from backend.tasks.model import Task
from backend.workspaces.documents import workspace_path


@dataclass(frozen=True, slots=True)
class Place:
    """A project, a board or a workspace; `path` is that of its document, which has a `name`."""

    key: str
    path: str

    @property
    def link(self) -> str:
        """Where the app shows it."""
        return f"/{self.path}"


def place_of(task: Task) -> Place:
    """Return where a task is found."""
    home = workspace_path(task.workspace_id)
    if task.project_id is not None:
        return Place(f"project:{task.project_id}", f"{home}/projects/{task.project_id}")
    if task.board_id is not None:
        return Place(f"board:{task.board_id}", f"{home}/boards/{task.board_id}")
    return Place(f"workspace:{task.workspace_id}", home)
