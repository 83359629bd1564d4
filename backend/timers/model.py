"""A timer: a future instant, and what is to be looked at then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

# A timer due within the horizon has a job in the queue already. Promotion comes round twice in
# it, so that once it may fail.
HORIZON = timedelta(minutes=8)
# An instant in the letters of an id.
STAMP = "%Y%m%dT%H%M%S%fZ"


class TimerKind(StrEnum):
    """What kind of thing happens when a timer fires."""

    OVERDUE = "overdue"
    DUE_SOON = "dueSoon"
    NOTIFY = "notify"
    PUSH = "push"
    NOTICE = "notice"
    SIGN_OUT = "signOut"
    MAIL = "mail"
    ACCOUNT_STATE = "accountState"
    PASSWORD_WATCH = "passwordWatch"  # noqa: S105 - a kind, no password.
    INVITED = "invited"
    DEPARTURE = "departure"
    MEMBERSHIP_END = "membershipEnd"
    WORKSPACE_PURGE = "workspacePurge"
    GUEST_EXPIRY = "guestExpiry"
    OPERATION = "operation"
    GROUP = "group"
    RANKS = "ranks"
    ERASURE = "erasure"
    TREE = "tree"
    DEPENDENTS = "dependents"
    ATTACHMENT = "attachment"
    COMMENT = "comment"
    COMMENT_ENTRIES = "commentEntries"
    TRASH = "trash"
    WITHDRAWAL = "withdrawal"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    PATIENCE = "patience"
    REZONING = "rezoning"
    BUNDLE = "bundle"
    OCCURRENCE = "occurrence"
    JOB = "job"
    JOB_RUN = "jobRun"
    JOB_ALERT = "jobAlert"
    RELEASE = "release"
    NOTICE_MAIL = "noticeMail"
    DIGEST = "digest"
    DISMISS = "dismiss"
    SNOOZED = "snoozed"
    TASK_CLOSED = "taskClosed"


class TimerState(StrEnum):
    """Whether the job queue knows of a timer, or nothing can be done about it any more."""

    WAITING = "waiting"
    PROMOTED = "promoted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Timer:
    """
    `timers/{id}`: at `fire_at`, the handler of `kind` looks at `subject`.

    The id is derived from kind and subject, so setting a timer again replaces it. `subject` holds
    ids only. It is also the outbox: what must surely be done after a commit is a timer in it.
    """

    id: str
    kind: TimerKind
    subject: Mapping[str, str]
    fire_at: datetime
    attempts: int = 0

    @property
    def generation(self) -> str:
        """
        What tells this setting of the timer from those before and after it, in an id's letters.

        A job made for another one fires into nothing.
        """
        return f"{self.fire_at.astimezone(UTC):{STAMP}}-{self.attempts}"

    def again(self, at: datetime) -> "Timer":
        """Return it for another attempt, whose job has a name of its own."""
        return replace(self, fire_at=at, attempts=self.attempts + 1)

    def state_at(self, now: datetime) -> TimerState:
        """Whether its job must be in the queue by now."""
        return TimerState.PROMOTED if self.fire_at <= now + HORIZON else TimerState.WAITING
