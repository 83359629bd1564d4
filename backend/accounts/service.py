"""What people do with their own account and devices."""

import structlog

from backend.accounts.documents import device_fields, devices_path
from backend.accounts.model import Account, Device, Platform
from backend.accounts.repository import Accounts
from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Fields, Put, Remove, Stored, Write
from backend.kit.errors import hidden
from backend.kit.ids import checked

log = structlog.get_logger()


class AccountService:
    """Own profile and own devices. Every method acts for the person who calls, on their own."""

    def __init__(self, store: Store, clock: Clock, held: CachedDocuments) -> None:
        self._store = store
        self._clock = clock
        self._accounts = Accounts(store, held)

    def me(self, actor: Actor) -> Account:
        """Return the caller's account, as it is now: people look at what they have just changed."""
        return _found(self._accounts.get(actor.uid))

    def profile(self, uid: str) -> Account:
        """
        Return an account, for services that name people to each other. It may be a minute old.

        Raises:
            NotFound: nobody of this uid ever called.
        """
        return _found(self._accounts.get_held(checked(uid)))

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
        """Register a device, or refresh it; one that FCM had reported as gone is live again."""
        device = Device(
            id=checked(device_id),
            token=token,
            platform=platform,
            locale=locale,
            timezone=timezone,
            last_seen_at=self._clock.now(),
        )
        path = f"{devices_path(actor.uid)}/{device.id}"
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
            found = self._accounts.device(actor.uid, checked(device_id))
            if found is None:
                raise hidden()
            return None, [Remove(found[0])]

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


def _found(account: Account | None) -> Account:
    if account is None:
        raise hidden()
    return account
