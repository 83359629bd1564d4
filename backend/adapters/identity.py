"""
Firebase Auth behind `IdentityProvider`: who holds this ID token.

Why not firebase-admin's verifier: docs/decisions/0009-tokens-verified-here.md.
"""

import hashlib
from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import Protocol

from backend.adapters.key_ring import KeyRing, UnknownKeyError, certificates
from backend.adapters.signed_tokens import (
    Claims,
    NotATokenError,
    instant,
    signed_claims,
    unsigned_claims,
)
from backend.kit.actor import Identity
from backend.kit.clock import Clock
from backend.kit.errors import Unauthenticated
from backend.kit.ids import is_id
from backend.settings import Settings

SKEW = timedelta(seconds=60)
REMEMBERED_TOKENS = 10_000
LONGEST_EMAIL = 320


class IdentityProvider(Protocol):
    """Says who somebody is, never what they may do."""

    def verify(self, token: str) -> Identity:
        """
        Return whose ID token this is.

        Raises:
            Unauthenticated: it proves nothing; code `token-expired` or `unauthenticated`.
            Unavailable: the keys to check it with cannot be had now.
        """


class FirebaseIdentity:
    """
    `IdentityProvider` for tokens that Firebase Auth signs, or its emulator leaves unsigned.

    Verified tokens are remembered as long as their key is published: a look-up is many times
    cheaper than a check of the signature.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        issued_by: str = "https://securetoken.google.com",
        certs_url: str = "",
    ) -> None:
        """Take who issues such tokens, and where their keys are; ID tokens' own by default."""
        self._project_id = settings.project_id
        self._issuer = f"{issued_by}/{settings.project_id}"
        self._believes_emulator = bool(settings.auth_emulator_host) and not settings.in_production
        self._clock = clock
        self._keys = KeyRing(certs_url or settings.id_token_certs_url, clock, certificates)
        self._remembered: OrderedDict[bytes, tuple[Identity, str]] = OrderedDict()
        self._lock = Lock()

    def verify(self, token: str) -> Identity:
        """Verify an ID token, or recognise one verified before."""
        digest = hashlib.sha256(token.encode()).digest()
        with self._lock:
            known = self._remembered.get(digest)
        try:
            if known is None:
                return self._verify_new(token, digest)
            identity, key_id = known
            if not self._believes_emulator:
                self._keys.key(key_id)
        except (NotATokenError, UnknownKeyError):
            raise _not_valid() from None
        self._refuse_expired(identity)
        return identity

    def _verify_new(self, token: str, digest: bytes) -> Identity:
        if self._believes_emulator:
            claims, key_id = unsigned_claims(token), ""
        else:
            claims, key_id = signed_claims(token, self._keys)
        identity = self._identity(claims)
        self._refuse_expired(identity)
        with self._lock:
            self._remembered[digest] = identity, key_id
            if len(self._remembered) > REMEMBERED_TOKENS:
                self._remembered.popitem(last=False)
        return identity

    def _refuse_expired(self, identity: Identity) -> None:
        if identity.expires_at + SKEW <= self._clock.now():
            raise Unauthenticated("The ID token has expired.", code="token-expired")

    def _identity(self, claims: Claims) -> Identity:
        uid, firebase = claims.get("sub"), claims.get("firebase")
        issued_at, expires_at = instant(claims.get("iat")), instant(claims.get("exp"))
        signed_in_at = instant(claims.get("auth_time"))
        latest = self._clock.now() + SKEW
        if (
            claims.get("aud") != self._project_id
            or claims.get("iss") != self._issuer
            or not isinstance(uid, str)
            or not is_id(uid)
            or issued_at is None
            or expires_at is None
            or signed_in_at is None
            or max(issued_at, signed_in_at) > latest
            or not isinstance(firebase, dict)
            or firebase.get("tenant") is not None  # Its people are not ours.
        ):
            raise _not_valid()
        picture, email = claims.get("picture"), _email(claims)
        return Identity(
            uid=uid,
            name=str(claims.get("name") or "")[:200],
            photo_url=picture[:2000] if isinstance(picture, str) else None,
            is_guest=firebase.get("sign_in_provider") == "anonymous",
            issued_at=issued_at,
            expires_at=expires_at,
            signed_in_at=signed_in_at,
            email=email,
            email_verified=email is not None and claims.get("email_verified") is True,
        )


def _email(claims: Claims) -> str | None:
    email = claims.get("email")
    # Never cut: a part of an address is somebody else's.
    return email if isinstance(email, str) and 0 < len(email) <= LONGEST_EMAIL else None


def _not_valid() -> Unauthenticated:
    return Unauthenticated("The ID token is not valid.")
