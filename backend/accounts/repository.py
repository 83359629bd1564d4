"""Where accounts and devices are kept."""

from collections.abc import Sequence

import structlog

from backend.accounts.documents import account_of, account_path, device_of, devices_path
from backend.accounts.model import MAX_DEVICES, Account, Device
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored
from backend.kit.errors import DataLoss

log = structlog.get_logger()


class Accounts:
    """Reads of `users` and what lies below. Everyone reads their own only."""

    def __init__(self, store: Store, held: CachedDocuments) -> None:
        self._store = store
        self._held = held

    def get(self, uid: str) -> tuple[Stored, Account] | None:
        """Return somebody's account, with what was stored."""
        stored = self._store.get(account_path(uid))
        return (stored, account_of(stored)) if stored else None

    def get_held(self, uid: str) -> Account | None:
        """Return somebody's account, from the cache where it holds it. Nobody writes on that."""
        (stored,) = self._held.get_all(uid, [account_path(uid)])
        return account_of(stored) if stored else None

    def devices(self, uid: str) -> list[tuple[Stored, Device]]:
        """
        Return the devices that were seen last, newest first, `MAX_DEVICES` at the most.

        One that cannot be read keeps nobody from the others.
        """
        return _readable(
            self._store.find(Query(devices_path(uid), limit=MAX_DEVICES, order_by=("-lastSeenAt",)))
        )


def _readable(found: Sequence[Stored]) -> list[tuple[Stored, Device]]:
    devices = []
    for stored in found:
        try:
            devices.append((stored, device_of(stored)))
        except DataLoss as error:
            log.exception("device.unreadable", detail=error.detail)
    return devices
