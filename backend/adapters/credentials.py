"""
Firebase Auth's administration behind `Credentials`: find, sign out, disable, delete, make links.

Over Identity Toolkit's REST API, as `account_states`. firebase-admin repeats a 503 four times,
looks for the Auth emulator in the environment, and does not tell when a password was changed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import requests
from google.auth.exceptions import GoogleAuthError

from backend.adapters.google_session import google_session
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.errors import Unavailable
from backend.kit.once import Once
from backend.settings import Settings

TIMEOUT_S = 3.0
SCOPE = "https://www.googleapis.com/auth/identitytoolkit"
GOOGLE = "https://identitytoolkit.googleapis.com"
# Answers that say: there is nobody to do this with.
NOBODY = frozenset({"EMAIL_NOT_FOUND", "USER_NOT_FOUND", "USER_DISABLED"})
NO_ANSWER = "The administration of accounts did not answer."
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credential:
    """
    What Firebase Auth knows of an account. Instants are aware UTC.

    Tokens issued before `valid_since` are revoked. `is_anonymous`: it can never be signed in to
    again, having no provider, e-mail address or phone number.
    """

    uid: str
    email: str | None
    email_verified: bool
    is_disabled: bool
    is_anonymous: bool
    display_name: str | None
    photo_url: str | None
    password_changed_at: datetime | None
    valid_since: datetime | None
    claims: Mapping[str, Any]
    created_at: datetime


class Credentials(Protocol):
    """
    Administers accounts at Firebase Auth. What is done twice is done once.

    Raises (every method):
        Unavailable: Firebase Auth did not answer, or refuses us.
    """

    def find(self, uid: str) -> Credential | None:
        """Return an account by its uid, as it is now."""

    def find_by_email(self, email: str) -> Credential | None:
        """Return an account by its address, whatever the case."""

    def password_reset_link(self, email: str) -> str | None:
        """Return a new single-use link to choose a password; None: there is no such account."""

    def email_verification_link(self, email: str) -> str | None:
        """Return a new single-use link that proves an address; None: there is no such account."""

    def sign_out(self, uid: str, *, before: datetime | None = None) -> None:
        """Revoke the tokens issued before now, or before an instant. Unknown uid: nothing."""

    def disable(self, uid: str) -> None:
        """Refuse all sign-in and every token from now on. Unknown uid: nothing."""

    def enable(self, uid: str) -> None:
        """Let a disabled account sign in again. Unknown uid: nothing."""

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """Put these custom claims, and no others, into tokens to come. Unknown uid: nothing."""

    def delete(self, uid: str) -> None:
        """Delete an account for good. Unknown uid: nothing."""


class FirebaseCredentials:
    """`Credentials` over Identity Toolkit, which it connects to on first use. Repeats nothing."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        # From the settings, which production refuses to start with, and not from the environment.
        host = settings.auth_emulator_host
        base = f"http://{host}/identitytoolkit.googleapis.com" if host else GOOGLE
        self._url = f"{base}/v1/projects/{settings.project_id}"
        self._session = Once(lambda: google_session(base, SCOPE, is_google=not host))

    def find(self, uid: str) -> Credential | None:
        """Ask for one account by its uid."""
        return self._look_up({"localId": [uid]})

    def find_by_email(self, email: str) -> Credential | None:
        """Ask for one account by its address."""
        return self._look_up({"email": [email]})

    def password_reset_link(self, email: str) -> str | None:
        """Ask for a link of one hour. It opens an account: never log or store it."""
        return self._link("PASSWORD_RESET", email)

    def email_verification_link(self, email: str) -> str | None:
        """Ask for a link of three days. It opens an account: never log or store it."""
        return self._link("VERIFY_EMAIL", email)

    def sign_out(self, uid: str, *, before: datetime | None = None) -> None:
        """Set the instant since which tokens are valid: whole seconds, as tokens carry them."""
        instant = before or self._clock.now()
        self._update(uid, validSince=str(int(instant.timestamp())))

    def disable(self, uid: str) -> None:
        """Set the mark that Firebase Auth itself and `Standing` go by."""
        self._update(uid, disableUser=True)

    def enable(self, uid: str) -> None:
        """Take the mark away."""
        self._update(uid, disableUser=False)

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """Replace all custom claims."""
        self._update(uid, customAttributes=json.dumps(dict(claims)))

    def delete(self, uid: str) -> None:
        """Delete, and take "there is none" for done."""
        self._post("accounts:delete", {"localId": uid})

    def _look_up(self, key: Answer) -> Credential | None:
        answer = self._post("accounts:lookup", key) or {}
        try:
            users = answer.get("users") or []
            return _credential(users[0]) if users else None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Unavailable("The account cannot be read.") from error

    def _link(self, kind: str, email: str) -> str | None:
        asked = {"requestType": kind, "email": email, "returnOobLink": True}
        answer = self._post("accounts:sendOobCode", asked)
        if answer is None:
            return None
        link = answer.get("oobLink")
        # With protection against enumeration, no link is how "there is nobody" is said.
        return link if isinstance(link, str) and link else None

    def _update(self, uid: str, **changes: Any) -> None:
        self._post("accounts:update", {"localId": uid, **changes})

    def _post(self, path: str, body: Answer) -> Answer | None:
        """Return the answer; None where it says that there is nobody."""
        try:
            answer = self._session.get().post(
                f"{self._url}/{path}",
                json=body,
                timeout=left_s(self._clock, longest=TIMEOUT_S),
                allow_redirects=False,
            )
            found = answer.json()
        except (requests.RequestException, GoogleAuthError, ValueError) as error:
            raise Unavailable(NO_ANSWER) from error
        if answer.status_code == 200 and isinstance(found, dict):
            return found
        if _error_code(found) in NOBODY:
            return None
        raise Unavailable(NO_ANSWER)


def _error_code(answer: object) -> str:
    """Return the code of `{"error": {"message": "CODE : and more"}}`."""
    match answer:
        case {"error": {"message": str(message)}}:
            return message.partition(":")[0].strip()
    return ""


def _credential(user: Answer) -> Credential:
    email = user.get("email")
    has_provider = bool(user.get("providerUserInfo"))
    return Credential(
        uid=user["localId"],
        email=email,
        email_verified=user.get("emailVerified") is True,
        is_disabled=user.get("disabled") is True,
        is_anonymous=not (has_provider or email or user.get("phoneNumber")),
        display_name=user.get("displayName"),
        photo_url=user.get("photoUrl"),
        password_changed_at=_instant(user.get("passwordUpdatedAt"), per_s=1000),
        valid_since=_instant(user.get("validSince")),
        claims=json.loads(user.get("customAttributes") or "{}"),
        created_at=datetime.fromtimestamp(int(user["createdAt"]) / 1000, UTC),
    )


def _instant(number: str | float | None, *, per_s: int = 1) -> datetime | None:
    return None if number is None else datetime.fromtimestamp(int(number) / per_s, UTC)
