"""The letter about a new device: what the notice says, for whom no other device would show it."""

from backend.accounts.documents import (
    account_of,
    account_path,
    known_devices_of,
    known_devices_path,
)
from backend.accounts.timers import NEW_DEVICE
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.mailing.model import Mail
from backend.timers.firing import Alarm


class NewDeviceLetter:
    """Composes it. Only an address that is proved to be the person's gets one."""

    def __init__(self, store: Store, clock: Clock, credentials: Credentials) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter, also where the device has been taken away again since."""
        uid, device_id = alarm.id_of("uid"), alarm.id_of("deviceId")
        stored, told = self._store.get_all([account_path(uid), known_devices_path(uid)])
        known = [each for each in known_devices_of(told) if each.id == device_id]
        if stored is None or not known:
            return None
        account, device = account_of(stored), known[0]
        credential = self._credentials.find(uid)
        if not account.is_usable(self._clock.now()) or credential is None:
            return None
        if credential.email is None or not credential.email_verified:
            return None
        return Mail(
            to=credential.email,
            template=NEW_DEVICE,
            words={"platform": device.platform.value, "date": f"{device.at:%Y-%m-%d}"},
            locale=account.locale,
            message_id_key=alarm.timer_id,
        )
