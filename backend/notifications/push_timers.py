"""The timer that carries a notification to devices."""

from collections.abc import Mapping
from datetime import datetime

from backend.kit.ids import derived_id
from backend.notifications.model import Notification
from backend.timers.model import Timer, TimerKind


def push_timer(notification: Notification, fire_at: datetime, about: Mapping[str, str]) -> Timer:
    """Return the timer that pushes a notification, in place of the one there is."""
    uid = notification.uid
    subject = {"uid": uid, "notificationId": notification.id, **about}
    return Timer(derived_id("push", uid, notification.id), TimerKind.PUSH, subject, fire_at)
