"""An account and its devices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from backend.kit.actor import Identity
from backend.kit.errors import FailedPrecondition, Stale

MAX_NAME, MAX_PHOTO_URL, MAX_LOCALE = 200, 2048, 35
MAX_DEVICES = 20
MAX_KNOWN_DEVICES = 100
MAX_TOKEN = 1024  # FCM's have some 160. Firestore looks up no text of 1,500 bytes or more.
GUEST_TIME = timedelta(hours=24)  # From a guest's first call on.

# Locked out by staff, for as long as they say.
DISABLED = "disabled"
# What a guest's account is besides `active`: nobody can use it, whatever token they show.
EXPIRED, MERGED = "expired", "merged"
# What an account is from the end of its grace on, until nothing is left of it.
ERASING = "erasing"


class Platform(StrEnum):
    """What a device runs."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Account:
    """
    `users/{uid}`. `week_start` is ISO: 1 is Monday.

    `expire_at` is when a guest's time is over, and None for everybody else. `erase_at` is when all
    that is theirs will be erased, as they asked for.
    """

    uid: str
    display_name: str
    photo_url: str | None
    locale: str
    timezone: str
    week_start: int
    state: str
    is_guest: bool
    expire_at: datetime | None
    erase_at: datetime | None
    created_at: datetime
    updated_at: datetime
    rev: int

    @classmethod
    def opened(cls, identity: Identity, *, at: datetime) -> Self:
        """Return the account that somebody's first call opens."""
        return cls(
            uid=identity.uid,
            display_name=identity.name,
            photo_url=web_address(identity.photo_url),
            locale="en",
            timezone="UTC",
            week_start=1,
            state="active",
            is_guest=identity.is_guest,
            expire_at=at + GUEST_TIME if identity.is_guest else None,
            erase_at=None,
            created_at=at,
            updated_at=at,
            rev=1,
        )

    def edited(
        self, changes: Mapping[str, Any], *, at: datetime, expected_rev: int | None = None
    ) -> "Account":
        """
        Return the account with these fields changed, or itself if they change nothing.

        `changes` holds field names of this class: display_name, photo_url, locale, timezone,
        week_start.

        Raises:
            Stale: the account is no longer at `expected_rev`.
        """
        if expected_rev is not None and expected_rev != self.rev:
            raise Stale(f"The account is at revision {self.rev}, not {expected_rev}.", current=self)
        changed = replace(self, **changes)
        return self if changed == self else replace(changed, updated_at=at, rev=self.rev + 1)

    def is_usable(self, at: datetime) -> bool:
        """Whether anything may be done with it at this instant: a guest's time is limited."""
        return not self.has_ended and (self.expire_at is None or self.expire_at > at)

    @property
    def is_disabled(self) -> bool:
        """Whether staff have locked its person out, until they let them in again."""
        return self.state == DISABLED

    @property
    def has_ended(self) -> bool:
        """Whether its time is over for good, or over unless a guest's merge is undone."""
        return self.state in (EXPIRED, MERGED, ERASING)

    def kept(self, *, name: str, photo_url: str | None, at: datetime) -> "Account":
        """Return a guest's account as that of somebody who stays, because they can sign in."""
        return replace(
            self,
            display_name=name or self.display_name,
            photo_url=web_address(photo_url) or self.photo_url,
            is_guest=False,
            expire_at=None,
            updated_at=at,
            rev=self.rev + 1,
        )

    def ending(self, state: str, *, at: datetime) -> "Account":
        """Return a guest's account `expired` or `merged`, and no longer usable."""
        ends_at = min(at, self.expire_at or at)
        return replace(self, state=state, expire_at=ends_at, updated_at=at, rev=self.rev + 1)

    def resumed(self, *, until: datetime, at: datetime) -> "Account":
        """Return a guest's account usable again, until an instant."""
        return replace(self, state="active", expire_at=until, updated_at=at, rev=self.rev + 1)

    def leaving(self, *, erase_at: datetime, at: datetime) -> "Account":
        """Return it waiting to be erased; itself if it does already."""
        if self.erase_at is not None:
            return self
        return replace(self, erase_at=erase_at, updated_at=at, rev=self.rev + 1)

    def staying(self, *, at: datetime) -> "Account":
        """
        Return it as one that is not to be erased; itself if it never was.

        Raises:
            FailedPrecondition: its erasure has begun.
        """
        if self.erase_at is None:
            return self
        if self.erase_at <= at:
            raise FailedPrecondition("It is too late: the erasure has begun.")
        return replace(self, erase_at=None, updated_at=at, rev=self.rev + 1)

    def put_in_state(self, state: str, *, at: datetime) -> "Account":
        """
        Return it `active` or `disabled`; itself if it is that already.

        Raises:
            FailedPrecondition: it has ended, and nobody brings it back.
        """
        if self.has_ended:
            raise FailedPrecondition("This account has come to its end.")
        if state == self.state:
            return self
        return replace(self, state=state, updated_at=at, rev=self.rev + 1)


@dataclass(frozen=True, slots=True)
class Device:
    """`users/{uid}/devices/{id}`: one installation of the app, reached by its FCM token."""

    id: str
    token: str
    platform: Platform
    locale: str | None
    timezone: str | None
    last_seen_at: datetime
    disabled_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether pushes may be sent to it."""
        return self.disabled_at is None

    def disabled(self, *, at: datetime) -> "Device":
        """Return it disabled, not deleted: FCM reports live tokens as gone too."""
        return replace(self, disabled_at=self.disabled_at or at)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that the other devices of its person have been told of, or the first of all."""

    id: str
    platform: Platform
    at: datetime


def web_address(photo_url: str | None) -> str | None:
    """Return the address of a photo if it is one that apps may load, else None."""
    is_one = photo_url is not None and photo_url.startswith("https://")
    return photo_url if is_one else None
