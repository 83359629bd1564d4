"""What people are told about their account: that a new device was added to it."""

from datetime import datetime

import structlog

from backend.accounts.documents import (
    known_devices_of,
    known_devices_path,
)
from backend.accounts.model import KnownDevice
from backend.accounts.timers import NEW_DEVICE
from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.delivery import deliver
from backend.notifications.model import Category, Notification
from backend.templating.service import Templates
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()


class NewDevice:
    """Files the notice of a new device, and has it pushed to the others."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        addressees: Addressees,
        templates: Templates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._addressees = addressees
        self._templates = templates

    def fire(self, alarm: Alarm) -> None:
        """File the notice once, also where the device has been taken away again since."""
        now = self._clock.now()
        uid, device_id = alarm.id_of("uid"), alarm.id_of("deviceId")
        paths = [timer_path(alarm.timer_id), known_devices_path(uid)]

        def plan() -> tuple[Outbox, list[Write]]:
            filed = Outbox()
            timer, told = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return filed, []
            to = self._addressees.of([uid]).get(uid)
            new = [device for device in known_devices_of(told) if device.id == device_id]
            if to is not None and new:
                notification = self._notification(to, new[0], now)
                deliver(filed, notification, to, now, about_device=device_id)
            return filed, [*filed.writes, Remove(timer)]

        filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if filed.timers:
            log.info("notice.filed", people=1)

    def _notification(self, to: Addressee, device: KnownDevice, now: datetime) -> Notification:
        values = {"platform": device.platform.value, "day": device.at.date().isoformat()}
        rendered = self._templates.render(NEW_DEVICE, to.locale, values)
        return Notification(
            id=derived_id(NEW_DEVICE, to.uid, device.id, device.at.isoformat()),
            uid=to.uid,
            category=Category.SECURITY,
            words=rendered,
            link="/settings/devices",
            group_key=f"device:{device.id}",
            actor_uid=SYSTEM_UID,
            workspace_id=None,
            task_id=None,
            created_at=now,
        )
