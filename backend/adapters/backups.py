"""
Backups of the database behind `Backups`: exports to a bucket by the Firestore Admin API.

Firestore does the work by itself; a long-running operation tells how far it is.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import grpc
import requests
from google.auth.exceptions import GoogleAuthError

from backend.adapters.google_session import google_session
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.errors import FailedPrecondition, Unavailable
from backend.kit.once import Once
from backend.settings import GOOGLE_FIRESTORE_URL, Settings

TIMEOUT_S = 4.0
SCOPE = "https://www.googleapis.com/auth/datastore"
NO_ANSWER = "The administration of the database did not answer."
LISTED, MOST_PAGES = 100, 5  # Operations looked through for one that was begun and not noted.
CODES = {code.value[0]: code.name for code in grpc.StatusCode}
PASSING = frozenset({408, 429})  # And whatever is 5xx.
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """
    An export by the name of its operation. `documents`: how many are in it so far.

    `problem` is a canonical code such as `PERMISSION_DENIED`, where it ended badly.
    """

    name: str
    is_done: bool
    documents: int
    problem: str = ""


class Backups(Protocol):
    """
    Exports all of the database.

    Raises (every method):
        FailedPrecondition: no bucket is set, or Firestore refuses for good.
        Unavailable: there was no usable answer; another try may help.
    """

    def begin(self, folder: str) -> Export:
        """Begin an export to a folder of the bucket, or return the one that is on its way there."""

    def look(self, name: str) -> Export:
        """Return how far an export is."""


class FirestoreBackups:
    """`Backups` over the Firestore Admin REST API, which it connects to on first use."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._bucket = settings.backup_bucket
        base = settings.firestore_admin_url
        self._api = f"{base}/v1"
        self._database = f"projects/{settings.project_id}/databases/(default)"
        is_google = base == GOOGLE_FIRESTORE_URL
        self._session = Once(lambda: google_session(base, SCOPE, is_google=is_google))

    def begin(self, folder: str) -> Export:
        """
        Look for an export to that folder first: whoever began it may have died before noting it.

        Firestore refuses a second one to the same folder, so two at once make one.
        """
        if not self._bucket:
            raise FailedPrecondition(
                "No bucket for backups is set (BACKUP_BUCKET).", code="backup-failed"
            )
        prefix = f"gs://{self._bucket}/{folder}"
        begun = self._begun(prefix)
        if begun is not None:
            return begun
        return _export(
            self._ask("POST", f"{self._database}:exportDocuments", json={"outputUriPrefix": prefix})
        )

    def look(self, name: str) -> Export:
        """Ask for the operation."""
        return _export(self._ask("GET", name))

    def _begun(self, prefix: str) -> Export | None:
        asked = {"pageSize": str(LISTED)}
        for _ in range(MOST_PAGES):
            found = self._ask("GET", f"{self._database}/operations", params=asked)
            for each in found.get("operations") or []:
                if (each.get("metadata") or {}).get("outputUriPrefix") == prefix:
                    return _export(each)
            if not found.get("nextPageToken"):
                break
            asked["pageToken"] = found["nextPageToken"]
        return None

    def _ask(self, method: str, path: str, **options: Any) -> Answer:
        try:
            answer = self._session.get().request(
                method,
                f"{self._api}/{path}",
                timeout=left_s(self._clock, longest=TIMEOUT_S),
                allow_redirects=False,
                **options,
            )
            found = answer.json()
        except (requests.RequestException, GoogleAuthError, ValueError) as error:
            raise Unavailable(NO_ANSWER) from error
        if answer.status_code == 200 and isinstance(found, dict):
            return found
        if answer.status_code >= 500 or answer.status_code in PASSING:
            raise Unavailable(NO_ANSWER)
        raise FailedPrecondition(f"The export was refused: {_status(found)}.", code="backup-failed")


def _export(operation: Answer) -> Export:
    try:
        progress = (operation.get("metadata") or {}).get("progressDocuments") or {}
        return Export(
            name=str(operation["name"]),
            is_done=operation.get("done") is True,
            documents=int(progress.get("completedWork") or 0),
            problem=_problem(operation),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable(NO_ANSWER) from error


def _problem(operation: Answer) -> str:
    """Return the code of an operation's own error (a google.rpc.Status), never its words."""
    error = operation.get("error")
    return CODES.get(error.get("code"), "UNKNOWN") if isinstance(error, dict) else ""


def _status(answer: object) -> str:
    match answer:
        case {"error": {"status": str(status)}}:
            return status
    return "UNKNOWN"
