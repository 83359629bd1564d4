"""Where the staff, and what they are shown, are kept."""

from backend.accounts.documents import account_of, account_path
from backend.accounts.model import Account
from backend.adapters.firestore import Store
from backend.admin.documents import staff_of, staff_path
from backend.admin.model import Staff
from backend.kit.documents import Stored
from backend.kit.errors import hidden
from backend.kit.ids import checked


class People:
    """Reads of accounts and of roles on the platform, never from a cache."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def staff(self, uid: str) -> Staff | None:
        """Return what somebody is on the platform."""
        stored = self._store.get(staff_path(uid))
        return staff_of(stored) if stored else None

    def both(self, uid: str) -> tuple[Stored, Account, Stored | None, Staff | None]:
        """
        Return somebody's account and role, each with what was stored, in one round trip.

        Raises:
            NotFound: nobody of this uid ever called.
        """
        paths = [account_path(checked(uid)), staff_path(uid)]
        account, staff = self._store.get_all(paths)
        if account is None:
            raise hidden()
        return account, account_of(account), staff, staff_of(staff) if staff else None
