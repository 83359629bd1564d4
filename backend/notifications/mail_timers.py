"""The timer that carries a notification to a mailbox."""

from collections.abc import Mapping
from datetime import datetime

from backend.kit.ids import derived_id
from backend.notifications.model import Notification
from backend.timers.model import Timer, TimerKind

KIND = TimerKind.NOTICE_MAIL


def mail_timer(notification: Notification, fire_at: datetime, about: Mapping[str, str]) -> Timer:
    """
    Return the timer that mails a notification, in place of the one there is.

    `about` is what the mail looks at once more before it goes out.
    """
    subject = {"uid": notification.uid, "notificationId": notification.id, **about}
    return Timer(mail_timer_id(notification.uid, notification.id), KIND, subject, fire_at)


def mail_timer_id(uid: str, notification_id: str) -> str:
    """Return the id of the timer by which a notification is mailed."""
    return derived_id(KIND.value, uid, notification_id)
