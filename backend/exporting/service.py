"""Asking for one's archive, and getting it."""

from collections.abc import Mapping
from typing import Any

from backend.accounts.documents import account_of, account_path
from backend.adapters.blobs import LONGEST_ADDRESS, Blobs
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.mailing.model import Mail
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation, OperationKind, OperationState
from backend.operations.service import OperationService
from backend.timers.firing import Alarm


class ExportService:
    """What people do about their archive."""

    def __init__(self, clock: Clock, operations: OperationService) -> None:
        self._clock = clock
        self._operations = operations

    def start(self, actor: Actor) -> Operation:
        """
        Begin to make the caller's archive.

        Raises:
            AlreadyRunning: with the operation that is at it.
        """
        asked = Entry(Action.EXPORT_ASKED_FOR, actor.uid, self._clock.now(), subject_uid=actor.uid)
        return self._operations.start_alone(actor, OperationKind.EXPORT, beside=[recording(asked)])


class ExportShown:
    """`Showing` of exports: where the archive is to be had, for a quarter of an hour."""

    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock

    def shown(self, operation: Operation) -> Mapping[str, Any]:
        """Return an address made now, with what to check the archive by."""
        result = operation.result or {}
        ends_at = self._clock.now() + LONGEST_ADDRESS
        return {
            "downloadUrl": self._blobs.download_url(
                result["archive"],
                filename=f"taskflow-{operation.created_at:%Y-%m-%d}.zip",
                content_type="application/zip",
            ),
            "downloadUrlExpiresAt": ends_at.isoformat(timespec="milliseconds")[:-6] + "Z",
            "bytes": result["bytes"],
            "manifestSha256": result["manifestSha256"],
        }


class ExportReadyLetter:
    """Composes the letter that says an archive is ready. It holds no address of it."""

    def __init__(self, store: Store, credentials: Credentials) -> None:
        self._store = store
        self._credentials = credentials

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter; None where there is nobody to write to, or nothing to fetch."""
        uid, operation_id = alarm.id_of("uid"), alarm.id_of("operationId")
        operation, account = self._store.get_all([operation_path(operation_id), account_path(uid)])
        if operation is None or account is None:
            return None
        if operation_of(operation).state is not OperationState.DONE:
            return None
        credential = self._credentials.find(uid)
        if credential is None or not credential.email:
            return None
        return Mail(
            to=credential.email,
            template="exportReady",
            words={},
            locale=account_of(account).locale,
            message_id_key=f"export-{operation_id}",
        )
