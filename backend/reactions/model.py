"""What follows from a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.kit.ids import derived_id
from backend.timers.model import TimerKind


class EventType(StrEnum):
    """What can happen to a task, or be said about it."""

    CREATED = "task.created"
    EDITED = "task.edited"
    ASSIGNED = "task.assigned"
    STATUS_CHANGED = "task.statusChanged"
    COMPLETED = "task.completed"
    MOVED = "task.moved"
    ARCHIVED = "task.archived"
    UNARCHIVED = "task.unarchived"
    DELETED = "task.deleted"
    RESTORED = "task.restored"
    DUE_SOON = "task.dueSoon"
    OVERDUE = "task.overdue"
    REMINDED = "task.reminded"
    ESCALATED = "task.escalated"
    COMMENTED = "comment.created"
    MENTIONED = "comment.mentioned"


@dataclass(frozen=True, slots=True)
class Event:
    """
    `workspaces/{w}/events/{id}`: something happened. Rows hold ids, never names.

    `audience` are the uids to be told, the actor never among them. `cause` tells two events of one
    type about one task apart: the revision, the instant that came, or the comment. `comment_id` is
    that of a comment on the task, if one is the subject.
    """

    type: EventType
    workspace_id: str
    task_id: str
    actor_uid: str
    audience: tuple[str, ...]
    rev: int
    at: datetime
    cause: str
    comment_id: str | None = None

    @property
    def id(self) -> str:
        """Derived, so that a second run writes the same document."""
        return event_id(self.workspace_id, self.task_id, self.type, self.cause)


def event_id(workspace_id: str, task_id: str, kind: EventType, cause: str) -> str:
    """Return the id of the one event of its kind that a cause leads to."""
    return derived_id("event", workspace_id, task_id, kind.value, cause)


@dataclass(frozen=True, slots=True)
class Happened:
    """
    Leave an event, and tell its audience.

    `cause` is that of the event where it is not the revision: what comes about again by the same
    cause is the same event.
    """

    type: EventType
    audience: tuple[str, ...] = ()
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Add to totals of the workspace: how much, by their names in `totals`."""

    by: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Set a timer of the task, or withdraw it where `fire_at` is None."""

    kind: TimerKind
    fire_at: datetime | None


@dataclass(frozen=True, slots=True)
class TurnSeries:
    """
    The occurrence was closed, opened again or moved: the ledger follows, perhaps the next comes.

    `reopened`: what followed from its being closed is taken back.
    """

    reopened: bool


Consequence = Happened | Count | SetTimer | TurnSeries
