"""Google's OIDC tokens behind `JobTokens`: is it really our queue that calls `/internal`?"""

from datetime import timedelta
from typing import Protocol

from backend.adapters.key_ring import KeyRing, certificates
from backend.adapters.signed_tokens import NotATokenError, instant, signed_claims
from backend.kit.clock import Clock
from backend.kit.errors import Unauthenticated
from backend.settings import Settings

SKEW = timedelta(seconds=10)
ISSUERS = ("https://accounts.google.com", "accounts.google.com")


class JobTokens(Protocol):
    """Tells our own job queue from everybody else."""

    def verify(self, token: str) -> None:
        """
        Return if `token` was issued to our worker's service account, for this worker.

        Raises:
            Unauthenticated: it was not.
            Unavailable: Google's certificates cannot be had now.
        """


class OidcJobTokens:
    """`JobTokens` signed by Google, for any service account of anybody: ours is compared here."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._audience = settings.worker_url
        self._email = settings.worker_service_account
        self._clock = clock
        self._keys = KeyRing(settings.oidc_certs_url, clock, certificates)

    def verify(self, token: str) -> None:
        """Check signature, audience, times, issuer and account of the token."""
        try:
            claims, _ = signed_claims(token, self._keys)
        except NotATokenError:
            raise _not_ours() from None
        issued_at, expires_at = instant(claims.get("iat")), instant(claims.get("exp"))
        now = self._clock.now()
        if (
            claims.get("iss") not in ISSUERS
            or claims.get("aud") != self._audience
            or claims.get("email") != self._email
            or claims.get("email_verified") is not True
            or issued_at is None
            or issued_at > now + SKEW
            or expires_at is None
            or expires_at + SKEW <= now
        ):
            raise _not_ours()


def _not_ours() -> Unauthenticated:
    return Unauthenticated("This address is for the job queue alone.")
