"""Identity Toolkit behind `AccountStates`: is an account disabled, deleted, or signed out?"""

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


@dataclass(frozen=True, slots=True)
class AccountState:
    """What Firebase Auth knows of an account. Tokens issued before `valid_since` are revoked."""

    exists: bool
    is_disabled: bool = False
    valid_since: datetime | None = None


class AccountStates(Protocol):
    """Looks accounts up at Firebase Auth."""

    def look_up(self, uid: str) -> AccountState:
        """
        Return the present state of an account, without any memory.

        Raises:
            Unavailable: it cannot be known now.
        """


class FirebaseAccountStates:
    """
    `AccountStates` over Identity Toolkit's REST API.

    firebase-admin's `get_user` asks the same, but repeats a 503 four times, which takes 7 s, and
    looks for the Auth emulator in the environment.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        host = settings.auth_emulator_host
        base = f"http://{host}/identitytoolkit.googleapis.com" if host else GOOGLE
        self._url = f"{base}/v1/projects/{settings.project_id}/accounts:lookup"
        self._session = Once(lambda: google_session(base, SCOPE, is_google=not host))

    def look_up(self, uid: str) -> AccountState:
        """Ask for one account by its uid."""
        try:
            found = self._ask(uid).get("users") or []
            return _state(found[0]) if found else AccountState(exists=False)
        except (requests.RequestException, GoogleAuthError) as error:
            raise Unavailable("The state of the account cannot be known now.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unavailable("The state of the account cannot be read.") from error

    def _ask(self, uid: str) -> dict[str, Any]:
        answer = self._session.get().post(
            self._url,
            json={"localId": [uid]},
            timeout=left_s(self._clock, longest=TIMEOUT_S),
            allow_redirects=False,
        )
        if answer.status_code != 200:
            raise requests.HTTPError(f"status {answer.status_code}")
        body: dict[str, Any] = answer.json()
        return body


def _state(user: dict[str, Any]) -> AccountState:
    valid_since = user.get("validSince")
    return AccountState(
        exists=True,
        is_disabled=user.get("disabled") is True,
        valid_since=None if valid_since is None else datetime.fromtimestamp(int(valid_since), UTC),
    )
