"""
Firebase Auth's session cookies behind `SessionCookies`: what a page is signed in with.

A cookie is a token of its own kind, with an issuer and keys of its own: neither is it taken for an
ID token, nor an ID token for it.
"""

from datetime import timedelta
from typing import Any, Protocol

import requests
from google.auth.exceptions import GoogleAuthError

from backend.adapters.credentials import GOOGLE, SCOPE
from backend.adapters.google_session import google_session
from backend.adapters.identity import FirebaseIdentity
from backend.kit.actor import Identity
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.errors import Unauthenticated, Unavailable
from backend.kit.once import Once
from backend.settings import Settings

ISSUER = "https://session.firebase.google.com"
TIMEOUT_S = 3.0
# Answers that say: this ID token proves nothing (any more).
NOT_PROVED = frozenset(
    {"INVALID_ID_TOKEN", "TOKEN_EXPIRED", "USER_DISABLED", "USER_NOT_FOUND", "MISSING_ID_TOKEN"}
)


class SessionCookies(Protocol):
    """Makes session cookies of ID tokens, and says whose one is."""

    def make(self, id_token: str, *, lasting: timedelta) -> str:
        """
        Return a session cookie for whoever the ID token names.

        Raises:
            Unauthenticated: Firebase Auth does not take the token.
            Unavailable: it did not answer.
        """

    def verify(self, cookie: str) -> Identity:
        """
        Return whose session cookie this is.

        Raises:
            Unauthenticated: it proves nothing, or its time is over.
            Unavailable: the keys to check it with cannot be had now.
        """


class FirebaseSessionCookies:
    """`SessionCookies` over Identity Toolkit, which it connects to on first use."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        host = settings.auth_emulator_host
        base = f"http://{host}/identitytoolkit.googleapis.com" if host else GOOGLE
        self._url = f"{base}/v1/projects/{settings.project_id}:createSessionCookie"
        self._session = Once(lambda: google_session(base, SCOPE, is_google=not host))
        self._tokens = FirebaseIdentity(
            settings, clock, issued_by=ISSUER, certs_url=settings.session_certs_url
        )

    def make(self, id_token: str, *, lasting: timedelta) -> str:
        """Exchange an ID token for a cookie. Both open an account: never log or store them."""
        body = {"idToken": id_token, "validDuration": str(int(lasting.total_seconds()))}
        try:
            answer = self._session.get().post(
                self._url,
                json=body,
                timeout=left_s(self._clock, longest=TIMEOUT_S),
                allow_redirects=False,
            )
            found = answer.json()
        except (requests.RequestException, GoogleAuthError, ValueError) as error:
            raise Unavailable("Firebase Auth did not answer.") from error
        match found:
            case {"sessionCookie": str(cookie)} if answer.status_code == 200 and cookie:
                return cookie
        if _code(found) in NOT_PROVED:
            raise Unauthenticated("Firebase Auth does not take this ID token.")
        raise Unavailable("Firebase Auth did not answer.")

    def verify(self, cookie: str) -> Identity:
        """Check issuer, project, signature and time, as of an ID token."""
        return self._tokens.verify(cookie)


def _code(answer: Any) -> str:
    match answer:
        case {"error": {"message": str(message)}}:
            return message.partition(":")[0].strip()
    return ""
