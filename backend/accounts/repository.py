"""Where accounts and devices are kept."""

from backend.accounts.documents import account_of, account_path, device_of, devices_path
from backend.accounts.model import MAX_DEVICES, Account, Device
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored


class Accounts:
    """Reads of `users` and what lies below. Everyone reads their own only."""

    def __init__(self, store: Store, held: CachedDocuments) -> None:
        self._store = store
        self._held = held

    def get(self, uid: str) -> Account | None:
        """Return somebody's account."""
        stored = self._store.get(account_path(uid))
        return account_of(stored) if stored else None

    def get_held(self, uid: str) -> Account | None:
        """Return somebody's account, from the cache where it holds it. Nobody writes on that."""
        (stored,) = self._held.get_all(uid, [account_path(uid)])
        return account_of(stored) if stored else None

    def device(self, uid: str, device_id: str) -> tuple[Stored, Device] | None:
        """Return one device of a person, with what was stored."""
        stored = self._store.get(f"{devices_path(uid)}/{device_id}")
        return (stored, device_of(stored)) if stored else None

    def devices(self, uid: str) -> list[tuple[Stored, Device]]:
        """Return the devices that were seen last, newest first, `MAX_DEVICES` at the most."""
        found = self._store.find(
            Query(devices_path(uid), limit=MAX_DEVICES, order_by=("-lastSeenAt",))
        )
        return [(stored, device_of(stored)) for stored in found]
