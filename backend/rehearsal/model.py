"""What a rehearsal is asked for, and what it finds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.kit.errors import InvalidArgument

# Long enough to see the next change of clocks from anywhere in the year.
LONGEST = timedelta(days=366)


class EffectKind(StrEnum):
    """What would happen by itself."""

    REMINDER = "reminder"
    DUE_SOON = "dueSoon"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    OCCURRENCE = "occurrence"
    JOB = "job"
    NOTIFICATION = "notification"
    DIGEST = "digest"
    RELEASE = "release"  # What quiet hours have held back is pushed.


# What is between the service and one person: of these, each sees their own.
PRIVATE = frozenset({EffectKind.NOTIFICATION, EffectKind.DIGEST, EffectKind.RELEASE})


@dataclass(frozen=True, slots=True)
class Span:
    """
    From which instant to which, both aware and included.

    Raises:
        InvalidArgument: it lies in the past, ends before it begins, or is too long.
    """

    since: datetime
    until: datetime

    @classmethod
    def asked(cls, since: datetime | None, until: datetime, *, now: datetime) -> "Span":
        """Return what was asked for; without `since` it begins now."""
        since = now if since is None else since
        if since < now:
            raise InvalidArgument("What was cannot be rehearsed.", pointer="/from")
        if until < since:
            raise InvalidArgument("It ends before it begins.", pointer="/to")
        if until > now + LONGEST:
            raise InvalidArgument("A rehearsal goes 366 days ahead at most.", pointer="/to")
        return cls(since, until)


@dataclass(frozen=True, slots=True)
class Effect:
    """
    One thing that would happen, at the instant it would.

    The ids say what it is about, as far as they apply. `people` are those who would be told of it,
    before their preferences are looked at; of a notification, a digest or a release, whose it is.
    """

    kind: EffectKind
    at: datetime
    workspace_id: str | None = None
    task_id: str | None = None
    series_id: str | None = None
    occurrence_key: str | None = None
    job_id: str | None = None
    category: str | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """
    What would happen in a span, in order.

    `until` is how far the rehearsal came: to the end of the span, unless there was too much.
    """

    span: Span
    until: datetime
    effects: tuple[Effect, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left out."""
        return self.until == self.span.until
