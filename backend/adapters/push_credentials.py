"""Who we are to FCM: an OAuth 2 access token, renewed in time (RFC 6750)."""

from functools import partial
from threading import Lock

import google.auth
from google.auth.credentials import Credentials, TokenState
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from backend.adapters.google_session import EMULATOR_OWNER
from backend.kit.once import Once

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
RENEWAL_TIMEOUT_S = 5.0


class Bearer:
    """
    The `Authorization` header for FCM, the same for all threads.

    A token is renewed some minutes before its end; where that fails, the old one serves to its end.
    Without `credentials`, those of the process are looked for at the first use.
    """

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._credentials: Once[Credentials] = Once(lambda: credentials or _own())
        self._lock = Lock()
        self._ask = partial(Request(), timeout=RENEWAL_TIMEOUT_S)

    def header(self) -> str:
        """
        Return the header's value.

        Raises:
            GoogleAuthError: this process has no credentials, or they cannot be renewed.
        """
        credentials = self._credentials.get()
        if credentials.token_state is not TokenState.FRESH:
            with self._lock:
                self._renew(credentials)
        return f"Bearer {credentials.token}"

    def replacing(self, refused: str) -> str | None:
        """
        Return another header than the `refused` one, which FCM no longer takes; None without one.

        Of many that were refused together, the first renews the token for all.
        """
        credentials = self._credentials.get()
        with self._lock:
            if f"Bearer {credentials.token}" == refused:
                try:
                    credentials.refresh(self._ask)
                except GoogleAuthError:
                    return None
        renewed = f"Bearer {credentials.token}"
        return renewed if renewed != refused else None

    def _renew(self, credentials: Credentials) -> None:
        if credentials.token_state is TokenState.FRESH:  # By another thread, meanwhile.
            return
        try:
            credentials.refresh(self._ask)
        except GoogleAuthError:
            if credentials.token_state is TokenState.INVALID:
                raise


class EmulatorBearer:
    """What stand-ins take for an administrator; there is no other."""

    def header(self) -> str:
        """Return the header's value."""
        return f"Bearer {EMULATOR_OWNER}"

    def replacing(self, refused: str) -> str | None:  # noqa: ARG002 - there is only one.
        """Return None: a stand-in that refuses this means it."""
        return None


def _own() -> Credentials:
    credentials: Credentials
    credentials, _ = google.auth.default(scopes=[SCOPE])
    return credentials
