"""React to an account: name and photo reach every membership, the zone due dates and digests."""

from typing import Any

import structlog

from backend.accounts.documents import account_path
from backend.accounts.model import MAX_NAME, MAX_PHOTO_URL
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Change, Fields, Query, Stored, Where, Write
from backend.notifications.preferences import preferences_path
from backend.reactions.digests import digest_shadow_path, following_digests
from backend.reactions.zones import following_zone, zone_shadow_path
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

PAGE = 100


class AccountReactor:
    """
    Keeps the snapshots of a person in step with their account, whoever changed it.

    The memberships themselves show what was last reacted to, and each is its own guard. Of the zone
    there are shadows: due dates follow it by a timer, which goes through many tasks, and so do the
    timers of summaries.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        accounts: AccountService,
        workspaces: WorkspaceService,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._accounts = accounts
        self._workspaces = workspaces

    def react(self, uid: str) -> bool:
        """Bring all that follows in step; False if it was. Page by page, a commit for each."""
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
            found, written = self._bring_in_step(uid, query)
            changed += written
            if len(found) < PAGE:
                break
            after = (uid, found[-1].path)
        if changed:
            log.info("account.reacted", writes=changed)
        return changed > 0

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found the account."""
        return self.react(stored.id)

    def _bring_in_step(self, uid: str, query: Query) -> tuple[list[Stored], int]:
        """Return the page, and how much was written."""
        now = self._clock.now()
        paths = [
            account_path(uid),
            zone_shadow_path(uid),
            preferences_path(uid),
            digest_shadow_path(uid),
        ]

        def plan() -> tuple[tuple[list[Stored], list[Stored], Outbox], list[Write]]:
            # In this order: the guards then stand for a state no newer than the account's.
            found = self._store.find(query)
            account, shadow, settings, digests = self._store.get_all(paths)
            if account is None:
                return ([], [], Outbox()), []
            snapshot = _snapshot(account.fields)
            outdated = [member for member in found if not _shows(member.fields, snapshot)]
            outbox = following_zone(uid, account, shadow, now)
            outbox.add(following_digests(uid, account, settings, digests, now))
            shown = [Change(member, snapshot) for member in outdated]
            return (found, outdated, outbox), [*shown, *outbox.writes]

        found, outdated, outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        for member in outdated:
            self._workspaces.forget(member.parent_id)
        return found, len(outdated) + len(outbox.writes)


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
