"""React to a device: one account a token, 20 devices an account, and a notice of new ones."""

from datetime import datetime

import structlog

from backend.accounts.documents import (
    account_of,
    account_path,
    device_of,
    device_path,
    devices_path,
    known_devices_fields,
    known_devices_of,
    known_devices_path,
)
from backend.accounts.model import MAX_DEVICES, MAX_TOKEN, Device, KnownDevice
from backend.accounts.timers import new_device_timers
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Query, Remove, Stored, Where, Write
from backend.kit.errors import DataLoss
from backend.reactions.sweep import BEGINNING
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

MOST_RIVALS = 50
MOST_DROPPED = 300


class DeviceReactor:
    """
    Looks at a device that was registered or refreshed, by the API or by the app itself.

    What was last reacted to stands in the devices themselves, and in the list of those the person
    was told of, which guards the telling.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def react(self, uid: str, device_id: str) -> bool:
        """Commit what follows from the device being there; False if nothing was left to do."""
        now = self._clock.now()

        def plan() -> tuple[Outbox, list[Write]]:
            outbox = self._look(uid, device_id, now)
            return outbox, outbox.writes

        try:
            outbox = self._store.commit(plan)
        except DataLoss as error:
            log.exception("device.unreadable", detail=error.detail)
            return False
        self._timers.announce(outbox.timers, now=now)
        if outbox.writes:
            log.info("device.reacted", writes=len(outbox.writes))
        return bool(outbox.writes)

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found the device."""
        return self.react(stored.parent_id, stored.id)

    def _look(self, uid: str, device_id: str, now: datetime) -> Outbox:
        paths = [device_path(uid, device_id), account_path(uid), known_devices_path(uid)]
        stored, account, told = self._store.get_all(paths)
        outbox = Outbox()
        if stored is None:
            return outbox
        device = device_of(stored)
        dropped = {each.path: each for each in self._dropped(uid, stored, device)}
        outbox.writes += map(Remove, dropped.values())
        # Who has no account is told nothing: they have not called yet, or are gone for good.
        if account and stored.path not in dropped and account_of(account).is_usable(now):
            _tell(outbox, uid, device, told, now)
        return outbox

    def _dropped(self, uid: str, stored: Stored, device: Device) -> list[Stored]:
        rivals = self._rivals(stored, device)
        if any(_is_later(rival, stored) for rival in rivals):
            return [stored]
        return [*rivals, *self._beyond_quota(uid, rivals)]

    def _rivals(self, stored: Stored, device: Device) -> list[Stored]:
        """Return the other devices of the same token, whoever they belong to."""
        if len(device.token.encode()) > MAX_TOKEN:  # No token of FCM's, and nothing to look up.
            return []
        same = Where("token", "==", device.token)
        found = self._store.find(Query("devices", limit=MOST_RIVALS, where=(same,), group=True))
        return [rival for rival in found if rival.path != stored.path]

    def _beyond_quota(self, uid: str, rivals: list[Stored]) -> list[Stored]:
        """Return the devices not seen for longest, but for the 20 seen last."""
        devices = devices_path(uid)
        if self._store.count(Query(devices, limit=1)) <= MAX_DEVICES:
            return []
        # From one look at all of them: between two, another reactor may have dropped the oldest.
        most = MAX_DEVICES + MOST_DROPPED
        found = self._store.find(Query(devices, limit=most, order_by=("-lastSeenAt",)))
        leaving = {rival.path for rival in rivals}
        return [each for each in found if each.path not in leaving][MAX_DEVICES:]


def _is_later(rival: Stored, stored: Stored) -> bool:
    return _seen(rival) > _seen(stored)


def _seen(stored: Stored) -> tuple[datetime, str]:
    at = stored.fields.get("lastSeenAt")
    return (at if isinstance(at, datetime) else BEGINNING, stored.path)


def _tell(outbox: Outbox, uid: str, device: Device, told: Stored | None, now: datetime) -> None:
    known = known_devices_of(told)
    if any(each.id == device.id for each in known):
        return
    fields = known_devices_fields(uid, [*known, KnownDevice(device.id, device.platform, now)])
    outbox.writes.append(Change(told, fields) if told else Create(known_devices_path(uid), fields))
    if not known:
        return  # The first of all: there is nobody else to tell.
    for timer in new_device_timers(uid, device.id, at=now):
        outbox.set(timer, now)
