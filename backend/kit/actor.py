"""Who is asking."""

from dataclasses import dataclass
from datetime import datetime

SYSTEM_UID = "system"
ERASED_UID = "erased"  # Stands for whoever has left for good, wherever somebody must be named.


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What a verified ID token says: a claim of Firebase Auth, and nothing about permission.

    `issued_at`, `expires_at` and `signed_in_at` are aware UTC instants; a token is issued anew
    every hour, long after its owner signed in. `email_verified` is what was true then.
    """

    uid: str
    name: str
    photo_url: str | None
    is_guest: bool
    issued_at: datetime
    expires_at: datetime
    signed_in_at: datetime
    email: str | None = None
    email_verified: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """The person on whose behalf something happens."""

    uid: str
    is_guest: bool = False
