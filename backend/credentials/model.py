"""Somebody's wish for a new password, and the watch that is kept until their link has run out."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.kit.ids import derived_id
from backend.timers.model import Timer, TimerKind

LINK_HOLDS = timedelta(hours=1)  # As Firebase Auth makes links for passwords.
SLACK = timedelta(minutes=5)  # Its clock is not ours, and a letter takes a moment.
FIRST_LOOK = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ResetRequest:
    """
    `passwordResets/{id}`: an address that somebody typed, whose account may or may not exist.

    It lives until its letter is dealt with. `locale` is what the caller's app speaks.
    """

    id: str
    email: str = field(repr=False)
    locale: str
    created_at: datetime

    @property
    def expire_at(self) -> datetime:
        """From when on nobody waits for the letter any more."""
        return self.created_at + LINK_HOLDS


@dataclass(frozen=True, slots=True)
class Watch:
    """
    `passwordWatches/{id}`: one for each person who has links to a new password.

    Firebase Auth tells nobody when such a link is followed. `password_changed_at` is what we know;
    as long as there may be links, until `until`, we look whether it has moved.
    """

    uid: str
    password_changed_at: datetime | None
    until: datetime
    looks: int = 0

    @property
    def id(self) -> str:
        """The id that follows from the person."""
        return derived_id(TimerKind.PASSWORD_WATCH.value, self.uid)

    @property
    def expire_at(self) -> datetime:
        """When the document may be deleted, should the last look not have come."""
        return self.until + timedelta(days=1)

    def extended(self, *, at: datetime) -> "Watch":
        """Return it for one more link, made now: looked at often again, for as long as it holds."""
        return replace(self, until=at + LINK_HOLDS + SLACK, looks=0)

    def looked(self, changed_at: datetime | None) -> "Watch":
        """Return it after one more look, with what was seen."""
        return replace(self, password_changed_at=changed_at, looks=self.looks + 1)

    def has_moved(self, changed_at: datetime | None) -> bool:
        """Whether the password was changed since the last look."""
        return changed_at is not None and changed_at != self.password_changed_at

    def timer(self, *, at: datetime) -> Timer:
        """Return the timer of the next look: soon at first, then ever later, and at the end."""
        pause: timedelta = min(LONGEST_PAUSE, FIRST_LOOK * 2 ** min(self.looks, 10))
        return Timer(
            id=self.id,
            kind=TimerKind.PASSWORD_WATCH,
            subject={"uid": self.uid},
            fire_at=min(at + pause, self.until),
        )
