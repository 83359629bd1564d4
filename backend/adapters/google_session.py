"""An HTTP session for Google's REST APIs, with our own credentials."""

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import HTTPAdapter

CONNECTIONS = 32
EMULATOR_OWNER = "owner"  # The Auth emulator takes whoever bears this for an administrator.


def google_session(base_url: str, scope: str, *, is_google: bool) -> requests.Session:
    """
    Return a session that keeps connections to `base_url` and repeats nothing by itself.

    Where `base_url` is not Google's, no credentials are looked for.

    Raises:
        GoogleAuthError: this process has no credentials.
    """
    if is_google:
        credentials, _ = google.auth.default(scopes=[scope])
        session: requests.Session = AuthorizedSession(credentials)
    else:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {EMULATOR_OWNER}"
    session.mount(base_url, HTTPAdapter(pool_maxsize=CONNECTIONS, max_retries=0))
    return session
