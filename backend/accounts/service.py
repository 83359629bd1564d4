"""What people do with their own account and devices."""

from collections.abc import Mapping
from typing import Any

import structlog

from backend.accounts.documents import changing, device_fields, device_path
from backend.accounts.model import Account, Device, Platform
from backend.accounts.repository import Accounts
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Fields, Put, Remove, Stored, Write
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers

log = structlog.get_logger()


class AccountService:
    """Own profile and own devices. Every method acts for the person who calls, on their own."""

    def __init__(
        self, store: Store, clock: Clock, held: CachedDocuments, offers: UndoOffers
    ) -> None:
        self._store = store
        self._clock = clock
        self._held = held
        self._offers = offers
        self._accounts = Accounts(store, held)

    def me(self, actor: Actor) -> Account:
        """Return the caller's account, as it is now: people look at what they have just changed."""
        return self._mine(actor)[1]

    def profile(self, uid: str) -> Account:
        """
        Return an account, for services that name people to each other. It may be a minute old.

        Raises:
            NotFound: nobody of this uid ever called.
        """
        account = self._accounts.get_held(checked(uid))
        if account is None:
            raise hidden()
        return account

    def edit(
        self, actor: Actor, changes: Mapping[str, Any], *, expected_rev: int | None = None
    ) -> Done[Account]:
        """
        Change some fields of the caller's profile. Their memberships follow, as from any change.

        Raises:
            Stale: the account is no longer at `expected_rev`.
        """
        now = self._clock.now()
        tried: Done[Account] | None = None

        def plan() -> tuple[Done[Account], list[Write]]:
            nonlocal tried
            stored, account = self._mine(actor)
            if tried is not None and account == tried.value:
                return tried, []  # Our own commit took place; only its answer was lost.
            changed = account.edited(changes, at=now, expected_rev=expected_rev)
            if changed is account:
                return Done(account, None), []
            change = changing(stored, changed)
            touched = [Touched.changed(stored, change.fields)]
            offered = self._offers.offer(actor, touched, now=now)
            tried = Done(changed, offered.token)
            return tried, [change, *offered.writes]

        try:
            done = self._store.commit(plan)
        finally:
            self.forgetting(actor.uid)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("account.edited", rev=done.value.rev))
        return done

    def forgetting(self, uid: str) -> None:
        """
        Forget what the cache holds of an account, after the commit at hand and before its answer.

        To be called around every change of `users/{uid}`, also where the commit failed: one that
        was not answered may have taken place.
        """
        self._store.eventually(lambda: self._held.forget(uid))

    def devices(self, actor: Actor) -> list[Device]:
        """Return the caller's devices, those seen last first."""
        return [device for _, device in self._accounts.devices(actor.uid)]

    def register_device(
        self,
        actor: Actor,
        device_id: str,
        *,
        token: str,
        platform: Platform,
        locale: str | None,
        timezone: str | None,
    ) -> Device:
        """
        Register a device, or refresh it; one that FCM had reported as gone is live again.

        That it is one of 20, that its token is nobody else's, and that the other devices hear of a
        new one, follows as from a registration by the app itself.
        """
        device = Device(
            id=checked(device_id),
            token=token,
            platform=platform,
            locale=locale,
            timezone=timezone,
            last_seen_at=self._clock.now(),
        )
        path = device_path(actor.uid, device.id)
        self._store.commit(lambda: (None, [Put(path, device_fields(device))]))
        log.info("device.registered", platform=platform.value)
        return device

    def forget_device(self, actor: Actor, device_id: str) -> None:
        """
        Stop pushes to a device for good.

        Raises:
            NotFound: the caller has no such device.
        """

        def plan() -> tuple[None, list[Write]]:
            found = self._store.get(device_path(actor.uid, checked(device_id)))
            if found is None:
                raise hidden()
            return None, [Remove(found)]

        self._store.commit(plan)
        self._store.afterwards(lambda: log.info("device.forgotten"))

    def reachable(self, uid: str) -> list[tuple[Stored, Device]]:
        """Return the devices that a push to this person goes to, with what was stored."""
        return [
            (stored, device) for stored, device in self._accounts.devices(uid) if device.is_live
        ]

    def disabling(self, stored: Stored, device: Device) -> Change:
        """Return the write that stops pushes to a device whose token FCM no longer knows."""
        gone: Fields = {"disabledAt": device.disabled(at=self._clock.now()).disabled_at}
        return Change(stored, gone)

    def _mine(self, actor: Actor) -> tuple[Stored, Account]:
        found = self._accounts.get(actor.uid)
        # A guest's account may have ended in another process a moment ago.
        if found is None or not found[1].is_usable(self._clock.now()):
            raise hidden()
        return found
