"""Something that happened, as whoever belongs to the workspace may read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Subject(NamedTuple):
    """What something happened to: its kind, such as `task`, its id, and a comment's task."""

    kind: str
    id: str
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """`workspaces/{w}/events/{id}`, without who was told of it."""

    id: str
    type: str
    subject: Subject
    actor_uid: str
    rev: int
    at: datetime
