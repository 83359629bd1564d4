"""What a person is told, on which channel, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.reactions.model import EventType
from backend.templating.model import Rendered

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
    INVITATION = "invitation"
    FOCUS_FINISHED = "focusFinished"
    DIGEST = "digest"  # What a day or a week looks like.
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
    EMAIL = "email"


class Verdict(StrEnum):
    """What became of a notification on one channel."""

    PENDING = "pending"  # It is on its way.
    SENT = "sent"
    HELD = "held"  # Until the person's quiet hours are over.
    MERGED = "merged"  # Something else has told them the same.
    MUTED = "muted"  # A setting of theirs says so.
    NO_DEVICE = "noDevice"
    NO_ADDRESS = "noAddress"
    SUPPRESSED = "suppressed"  # Taken back, or seen already.
    THROTTLED = "throttled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notification:
    """
    `users/{uid}/notifications/{id}`: what a person finds in the app.

    `workspace_id` and `task_id` are those of the task it is about, if it is about one. `events`
    are the ids of what it stands for; `count` says how many.
    """

    id: str
    uid: str
    category: Category
    words: Rendered
    link: str
    group_key: str
    actor_uid: str
    workspace_id: str | None
    task_id: str | None
    created_at: datetime
    read_at: datetime | None = None
    archived_at: datetime | None = None
    snoozed_until: datetime | None = None
    events: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many events it tells of."""
        return max(1, len(self.events))

    @property
    def was_seen(self) -> bool:
        """Whether a push would tell the person what they know already."""
        marks = (self.read_at, self.archived_at, self.snoozed_until)
        return any(mark is not None for mark in marks)

    @property
    def was_noticed(self) -> bool:
        """
        Whether the person has read it, or put it away themselves.

        What is muted in the inbox is filed there as archived, and nobody has seen it yet.
        """
        was_put_away = self.archived_at is not None and self.archived_at > self.created_at
        return self.read_at is not None or was_put_away

    def moot(self, now: datetime) -> str:
        """Return why its person need not be told of it, at least not now; or nothing."""
        if self.was_noticed:
            return "seenAlready"
        is_put_off = self.snoozed_until is not None and self.snoozed_until > now
        return "snoozed" if is_put_off else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """
    `…/notifications/{n}/decisions/{channel}`: why the person did, or did not, get it there.

    `setting` points (RFC 6901) at what decided in their `settings/notifications`, if that did.
    `until` is when it goes on: the end of quiet hours, or when a mail is due. `inputs` are what was
    decided from, as `deciding.inputs_of` reads it. `devices` holds the outcome for each device a
    push went to, so that a later attempt leaves out those it reached.
    """

    verdict: Verdict
    reason: str
    attempts: int
    at: datetime
    devices: Mapping[str, str]
    setting: str | None = None
    until: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def became(
        self,
        verdict: Verdict,
        reason: str,
        *,
        at: datetime,
        devices: Mapping[str, str] | None = None,
    ) -> "Decision":
        """Return it after another attempt, which came to this."""
        return replace(
            self,
            verdict=verdict,
            reason=reason,
            attempts=self.attempts + 1,
            at=at,
            devices=self.devices if devices is None else devices,
        )
