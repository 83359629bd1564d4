"""Firebase Auth behind `IdentityProvider`: who holds this ID token."""

import hashlib
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import firebase_admin
from firebase_admin import auth
from google.auth.credentials import AnonymousCredentials

from backend.kit.actor import Identity
from backend.kit.clock import Clock
from backend.kit.errors import PermissionDenied, Unauthenticated, Unavailable
from backend.kit.ids import is_id, random_id
from backend.settings import Settings, auth_emulator_appeared

HTTP_TIMEOUT_S = 5
SKEW = timedelta(seconds=60)
MAX_TOKEN_LENGTH = 8 * 1024
REMEMBERED_TOKENS = 10_000


class IdentityProvider(Protocol):
    """Says who somebody is, never what they may do."""

    def verify(self, token: str) -> Identity:
        """
        Return whose ID token this is.

        Raises:
            Unauthenticated: it proves nothing; code `token-expired`, `token-revoked` or
                `unauthenticated`.
            PermissionDenied: the account is disabled, code `account-disabled`.
            Unavailable: the keys to check it with cannot be had now.
        """


class FirebaseIdentity:
    """
    `IdentityProvider` over firebase-admin, which checks signature, issuer and audience.

    Verified tokens are remembered until they expire: a check costs some 400 µs, a look-up one.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._issuer = f"https://securetoken.google.com/{settings.project_id}"
        credential = _NoCredential() if settings.auth_emulator_host else None
        # A name of its own: a second default app in one process is an error.
        self._app = firebase_admin.initialize_app(
            credential,
            {"projectId": settings.project_id, "httpTimeout": HTTP_TIMEOUT_S},
            name=f"taskflow-{random_id()}",
        )
        self._remembered: OrderedDict[bytes, Identity] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str) -> Identity:
        """Verify an ID token, or recognise one verified before."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The ID token is too long to be one.")
        if self._settings.in_production and auth_emulator_appeared():
            # firebase-admin would now take unsigned tokens.
            raise Unauthenticated("The service is misconfigured and accepts no one.")
        digest = hashlib.sha256(token.encode()).digest()
        with self._lock:
            known = self._remembered.get(digest)
        identity = known or self._identity(self._claims(token))
        if identity.expires_at + SKEW <= self._clock.now():
            raise Unauthenticated("The ID token has expired.", code="token-expired")
        if known is None:
            self._remember(digest, identity)
        return identity

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = auth.verify_id_token(
                token, app=self._app, clock_skew_seconds=int(SKEW.total_seconds())
            )
        except auth.ExpiredIdTokenError:
            raise Unauthenticated("The ID token has expired.", code="token-expired") from None
        except auth.UserDisabledError:
            raise PermissionDenied("This account is disabled.", code="account-disabled") from None
        except auth.CertificateFetchError as error:
            raise Unavailable("The keys that check ID tokens cannot be had now.") from error
        except (auth.InvalidIdTokenError, auth.UserNotFoundError, ValueError):
            raise Unauthenticated("The ID token is not valid.") from None
        return claims

    def _identity(self, claims: dict[str, Any]) -> Identity:
        """Check again what firebase-admin skips, above all when the Auth emulator is set."""
        uid = claims.get("sub")
        expires_at, signed_in_at = (_instant(claims.get(name)) for name in ("exp", "auth_time"))
        now = self._clock.now()
        if (
            claims.get("aud") != self._settings.project_id
            or claims.get("iss") != self._issuer
            or not isinstance(uid, str)
            or not is_id(uid)
            or expires_at is None
            or signed_in_at is None
            or signed_in_at > now + SKEW
        ):
            raise Unauthenticated("The ID token is not valid.")
        picture = claims.get("picture")
        firebase = claims.get("firebase")
        provider = firebase.get("sign_in_provider") if isinstance(firebase, dict) else None
        return Identity(
            uid=uid,
            name=str(claims.get("name") or "")[:200],
            photo_url=picture[:2000] if isinstance(picture, str) else None,
            is_guest=provider == "anonymous",
            expires_at=expires_at,
            signed_in_at=signed_in_at,
        )

    def _remember(self, digest: bytes, identity: Identity) -> None:
        with self._lock:
            self._remembered[digest] = identity
            if len(self._remembered) > REMEMBERED_TOKENS:
                self._remembered.popitem(last=False)


class _NoCredential(firebase_admin.credentials.Base):  # type: ignore[misc]
    """The Auth emulator asks for no credential, and none may be looked for."""

    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
