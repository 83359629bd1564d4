"""An account and its devices."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from backend.kit.actor import Identity

MAX_DEVICES = 20


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
            photo_url=identity.photo_url,
            locale="en",
            timezone="UTC",
            week_start=1,
            state="active",
            is_guest=identity.is_guest,
            expire_at=None,
            erase_at=None,
            created_at=at,
            updated_at=at,
            rev=1,
        )


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
