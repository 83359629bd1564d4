"""What a person is told, on which channel, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.reactions.model import EventType

# Kept for a season; TTL then removes it, and every read of ours looks at `expire_at` first.
KEPT = timedelta(days=90)


class Category(StrEnum):
    """What a notification is about; the preference, the Android channel, the iOS thread."""

    ASSIGNED = "assigned"
    STATUS_CHANGED = "statusChanged"
    COMPLETED = "completed"
    DUE_SOON = "dueSoon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    REMINDER = "reminder"
    COMMENT = "comment"
    MENTION = "mention"
    ANNOUNCEMENT = "announcement"  # What a workspace's job tells its members.
    JOBS = "jobs"  # A job that failed or was missed, for those who look after it.
    SECURITY = "security"  # About the account itself. It cannot be muted.


CATEGORIES = {
    EventType.ASSIGNED: Category.ASSIGNED,
    EventType.STATUS_CHANGED: Category.STATUS_CHANGED,
    EventType.COMPLETED: Category.COMPLETED,
    EventType.DUE_SOON: Category.DUE_SOON,
    EventType.OVERDUE: Category.OVERDUE,
    EventType.ESCALATED: Category.ESCALATED,
    EventType.REMINDED: Category.REMINDER,
    EventType.COMMENTED: Category.COMMENT,
    EventType.MENTIONED: Category.MENTION,
}


class Channel(StrEnum):
    """A way to reach a person. Channels fail independently of each other."""

    INBOX = "inbox"
    PUSH = "push"


class Verdict(StrEnum):
    """What became of a notification on one channel."""

    PENDING = "pending"
    SENT = "sent"
    NO_DEVICE = "noDevice"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notification:
    """
    `users/{uid}/notifications/{id}`: what a person finds in the app.

    `workspace_id` and `task_id` are those of the task it is about, if it is about one. `events`
    are the ids of what it stands for, where that may be more than one; `count` says how many.
    """

    id: str
    uid: str
    category: Category
    template: str
    title: str
    body: str
    link: str
    group_key: str
    actor_uid: str
    workspace_id: str | None
    task_id: str | None
    created_at: datetime
    read_at: datetime | None = None
    archived_at: datetime | None = None
    events: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many events it tells of."""
        return max(1, len(self.events))

    @property
    def was_seen(self) -> bool:
        """Whether a push would tell the person what they know already."""
        return self.read_at is not None or self.archived_at is not None


@dataclass(frozen=True, slots=True)
class Decision:
    """
    `…/notifications/{n}/decisions/{channel}`: why the person did, or did not, get it there.

    `devices` holds the outcome for each device a push went to, so that a later attempt leaves out
    those it reached.
    """

    verdict: Verdict
    reason: str
    attempts: int
    at: datetime
    devices: Mapping[str, str]
