"""React to an account: its name and photo reach every membership."""

from typing import Any

import structlog

from backend.accounts.documents import account_path
from backend.accounts.model import MAX_NAME, MAX_PHOTO_URL
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.kit.documents import Change, Fields, Query, Stored, Where, Write
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

PAGE = 100


class AccountReactor:
    """
    Keeps the snapshots of a person in step with their account, whoever changed it.

    There is no shadow: the memberships themselves show what was last reacted to, and each is its
    own guard.
    """

    def __init__(
        self, store: Store, accounts: AccountService, workspaces: WorkspaceService
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._workspaces = workspaces

    def react(self, uid: str) -> bool:
        """Bring every membership in step; False if all were. Page by page, a commit for each."""
        self._accounts.forgetting(uid)  # The app changed it in the database, behind the cache.
        changed = 0
        after: tuple[Any, ...] | None = None
        while True:
            query = Query(
                "members",
                limit=PAGE,
                # A range, since Firestore gives no second page of what is compared for equality.
                where=(Where("uid", ">=", uid), Where("uid", "<=", uid)),
                order_by=("uid",),
                group=True,
                after=after,
            )
            found, outdated = self._bring_in_step(uid, query)
            changed += len(outdated)
            if len(found) < PAGE:
                break
            after = (uid, found[-1].path)
        if changed:
            log.info("account.reacted", writes=changed)
        return changed > 0

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found the account."""
        return self.react(stored.id)

    def _bring_in_step(self, uid: str, query: Query) -> tuple[list[Stored], list[Stored]]:
        def plan() -> tuple[tuple[list[Stored], list[Stored]], list[Write]]:
            # In this order: the guards then stand for a state no newer than the account's.
            found = self._store.find(query)
            account = self._store.get(account_path(uid))
            if account is None:
                return ([], []), []
            snapshot = _snapshot(account.fields)
            outdated = [member for member in found if not _shows(member.fields, snapshot)]
            return (found, outdated), [Change(member, snapshot) for member in outdated]

        found, outdated = self._store.commit(plan)
        for member in outdated:
            self._workspaces.forget(member.parent_id)
        return found, outdated


def _snapshot(account: Fields) -> Fields:
    """Return what others see of an account, of whatever it holds: apps write parts of it."""
    name, photo_url = account.get("displayName"), account.get("photoUrl")
    is_address = isinstance(photo_url, str) and len(photo_url) <= MAX_PHOTO_URL
    return {
        "displayName": name[:MAX_NAME] if isinstance(name, str) else "",
        "photoUrl": photo_url if is_address else None,
    }


def _shows(member: Fields, snapshot: Fields) -> bool:
    return all(member.get(name) == value for name, value in snapshot.items())
