"""Putting a person's profile back as it was before a command."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.accounts.documents import account_of, changing
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Stored
from backend.kit.errors import hidden
from backend.undo.model import Reverted, Touched, digest

NAMES = ("displayName", "photoUrl", "locale", "timezone", "weekStart")


class AccountReverter:
    """Puts back what people say of themselves; each field that they have not changed since."""

    def __init__(self, store: Store, accounts: AccountService) -> None:
        self._store = store
        self._accounts = accounts

    def reverting(
        self, actor: Actor, uid: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts the actor's own profile back.

        Raises:
            NotFound: it is another's, or its time is over.
        """
        reverted = Reverted()
        for each in touched:
            stored = self._store.get(each.path)
            if stored is None or uid != actor.uid or not account_of(stored).is_usable(now):
                raise hidden()
            change = _back(stored, each, now)
            if change is not None:
                reverted.writes.append(change)
                reverted.touched.append(Touched.changed(stored, change.fields))
            is_back = change is not None or _is_back(stored, each)
            (reverted.undone if is_back else reverted.kept).append(each.path)
        self._accounts.forgetting(actor.uid)
        return reverted


def _back(stored: Stored, touched: Touched, now: datetime) -> Change | None:
    fields = stored.fields
    wanted = {
        name: touched.before[name]
        for name in NAMES
        if name in touched.before and digest(fields.get(name)) == touched.after[name]
    }
    if not wanted:
        return None
    former = account_of(replace(stored, fields={**fields, **wanted}))
    return changing(stored, replace(former, updated_at=now, rev=fields["rev"] + 1))


def _is_back(stored: Stored, touched: Touched) -> bool:
    names = [name for name in NAMES if name in touched.before]
    return any(stored.fields.get(name) == touched.before[name] for name in names)
