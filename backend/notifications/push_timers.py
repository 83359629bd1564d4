"""The timer that carries a notification to devices."""

from collections.abc import Mapping
from datetime import datetime

from backend.kit.ids import derived_id
from backend.notifications.model import Notification
from backend.timers.model import Timer, TimerKind

# With how many others a push goes out: it then says how many they are, and not what.
OTHERS = "others"
# Marks a push that takes the place of one which has gone out.
UPDATE = "isUpdate"


def push_timer(notification: Notification, fire_at: datetime, about: Mapping[str, str]) -> Timer:
    """
    Return the timer that pushes a notification, in place of the one there is.

    `about` is what the push looks at once more, besides the person's membership.
    """
    uid, workspace_id = notification.uid, notification.workspace_id
    place = {"workspaceId": workspace_id} if workspace_id and OTHERS not in about else {}
    subject = {"uid": uid, "notificationId": notification.id, **place, **about}
    return Timer(push_timer_id(uid, notification.id), TimerKind.PUSH, subject, fire_at)


def push_timer_id(uid: str, notification_id: str) -> str:
    """Return the id of the timer by which a notification is pushed."""
    return derived_id(TimerKind.PUSH.value, uid, notification_id)
