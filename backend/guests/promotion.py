"""A guest becomes somebody who stays: they linked a way to sign in, and keep uid and work."""

from datetime import datetime

from backend.accounts.documents import account_fields, account_of
from backend.accounts.model import Account
from backend.adapters.firestore import Store
from backend.guests.timers import expiry_timer_id
from backend.kit.documents import Change, Stored, Write
from backend.timers.documents import withdrawing
from backend.workspaces.documents import member_fields, member_of, member_path


def promoting(
    store: Store, stored: Stored, *, name: str, photo_url: str | None, at: datetime
) -> tuple[Account, list[Write]]:
    """
    Return the account of a guest as it stays, and the writes that make it so.

    For the plan of a commit. The account is the guard: of two promotions, or of a promotion and
    the expiry, one loses and looks again.
    """
    account = account_of(stored).kept(name=name, photo_url=photo_url, at=at)
    writes: list[Write] = [
        Change(stored, account_fields(account)),
        withdrawing(expiry_timer_id(account.uid)),
    ]
    home = store.get(member_path(account.uid, account.uid))
    if home is not None:
        kept = member_of(home).kept(account)
        writes.append(Change(home, member_fields(kept)))
    return account, writes
