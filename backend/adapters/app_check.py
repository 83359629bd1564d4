"""Firebase App Check behind `AppCheck`: does an app of ours call, or a script?"""

from datetime import timedelta
from typing import Any, Protocol

import requests
from google.auth.exceptions import GoogleAuthError

from backend.adapters.google_session import google_session
from backend.adapters.key_ring import KeyRing, json_web_keys
from backend.adapters.signed_tokens import NotATokenError, instant, signed_claims
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.errors import Unauthenticated, Unavailable
from backend.kit.once import Once
from backend.settings import GOOGLE_APP_CHECK_URL, Settings

SKEW = timedelta(seconds=60)
TIMEOUT_S = 3.0
SCOPE = "https://www.googleapis.com/auth/firebase"
ISSUER = "https://firebaseappcheck.googleapis.com/"


class AppCheck(Protocol):
    """Tells apps of ours from everything else that can send a request."""

    def verify(self, token: str, *, consume: bool) -> str:
        """
        Return the id of the app this token was given to; `consume` uses the token up.

        Raises:
            Unauthenticated: it proves nothing, or was used up; code `app-check-failed`.
            Unavailable: that cannot be known now.
        """


class FirebaseAppCheck:
    """
    `AppCheck` for the tokens that Firebase signs.

    firebase-admin's `verify_token` asks for keys under one lock for up to 30 s, which would let an
    outage of App Check stop every request, even where it is only watched.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._project_id = settings.project_id
        base = settings.app_check_url
        self._keys = KeyRing(f"{base}/v1/jwks", clock, json_web_keys)
        self._url = f"{base}/v1beta/projects/{settings.project_id}:verifyAppCheckToken"
        is_google = base == GOOGLE_APP_CHECK_URL
        self._session = Once(lambda: google_session(base, SCOPE, is_google=is_google))

    def verify(self, token: str, *, consume: bool) -> str:
        """Check signature, audience, issuer and expiry; then, if asked, use the token up."""
        try:
            claims, _ = signed_claims(token, self._keys)
        except NotATokenError:
            raise _failed() from None
        app_id, audience = claims.get("sub"), claims.get("aud")
        issuer = claims.get("iss")
        issued_at, expires_at = instant(claims.get("iat")), instant(claims.get("exp"))
        now = self._clock.now()
        if (
            not isinstance(app_id, str)
            or not app_id
            or not isinstance(audience, list)
            or f"projects/{self._project_id}" not in audience
            or not isinstance(issuer, str)
            or not issuer.startswith(ISSUER)
            or issued_at is None
            or issued_at > now + SKEW
            or expires_at is None
            or expires_at <= now
        ):
            raise _failed()
        if consume and self._was_consumed(token):
            raise _failed("This App Check token was used before: send a limited-use one.")
        return app_id

    def _was_consumed(self, token: str) -> bool:
        try:
            answer = self._session.get().post(
                self._url,
                json={"app_check_token": token},
                timeout=left_s(self._clock, longest=TIMEOUT_S),
                allow_redirects=False,
            )
            if answer.status_code != 200:
                raise requests.HTTPError(f"status {answer.status_code}")
            body: dict[str, Any] = answer.json()
            return body.get("alreadyConsumed", False) is not False
        except (requests.RequestException, GoogleAuthError, ValueError, AttributeError) as error:
            raise Unavailable("App Check does not answer now.") from error


def _failed(detail: str = "The App Check token is missing or not valid.") -> Unauthenticated:
    return Unauthenticated(detail, code="app-check-failed")
