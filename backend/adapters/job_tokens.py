"""Google's OIDC tokens behind `JobTokens`: is it really our queue that calls `/internal`?"""

from typing import Any, Protocol

import cachecontrol
import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from backend.kit.errors import Unauthenticated, Unavailable
from backend.settings import Settings

CERTS_TIMEOUT_S = 3
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
NOT_OURS = "This address is for the job queue alone."


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
    """
    `JobTokens` by google-auth.

    It accepts any Google service account, so the e-mail is compared here; certificates are cached
    as long as their answer allows, since google-auth would download them for every call.
    """

    def __init__(self, settings: Settings) -> None:
        self._audience = settings.worker_url
        self._email = settings.worker_service_account
        self._certs_url = settings.oidc_certs_url
        self._request = _BoundedRequest(cachecontrol.CacheControl(requests.Session()))

    def verify(self, token: str) -> None:
        """Check signature, audience, expiry, issuer and account of the token."""
        try:
            claims = id_token.verify_token(
                token, self._request, audience=self._audience, certs_url=self._certs_url
            )
        except TransportError as error:
            raise Unavailable("The certificates of job tokens cannot be had now.") from error
        except (ValueError, GoogleAuthError):
            raise Unauthenticated(NOT_OURS) from None
        if (
            claims.get("iss") not in ISSUERS
            or claims.get("email") != self._email
            or claims.get("email_verified") is not True
        ):
            raise Unauthenticated(NOT_OURS)


class _BoundedRequest(Request):
    """google-auth's request, whose own time-out is two minutes."""

    def __call__(
        self,
        url: Any,
        method: Any = "GET",
        body: Any = None,
        headers: Any = None,
        timeout: Any = CERTS_TIMEOUT_S,
        **kwargs: Any,
    ) -> Any:
        return super().__call__(url, method, body, headers, timeout, **kwargs)  # type: ignore[no-untyped-call]
