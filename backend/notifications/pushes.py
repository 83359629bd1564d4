"""A notification as what each device of its person is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.accounts.model import Device
from backend.adapters.push import Interruption, PushMessage
from backend.notifications.model import Category, Notification
from backend.templating.model import Rendered

# What waits for its own moment, or for somebody who may be the wrong one, breaks through a focus.
PRESSING = frozenset({Category.REMINDER, Category.SECURITY})
QUIET = frozenset({Category.DIGEST})


@dataclass(frozen=True, slots=True)
class Shown:
    """
    The words of a push, and how many notifications they speak for.

    `badge` is how many notifications are unread: what the icon shows. `is_update`: an earlier push
    of the same notification has gone out.
    """

    words: Rendered
    count: int
    badge: int
    is_update: bool = False


def message_to(
    device: Device, notification: Notification, shown: Shown, interruption: Interruption
) -> PushMessage:
    """Return what a device is sent. A repeat replaces it, by the notification's id."""
    return PushMessage(
        token=device.token,
        title=shown.words.title,
        body=shown.words.body,
        collapse_id=notification.id,
        channel=notification.category.value,
        data=_data(notification),
        badge=shown.badge,
        count=shown.count,
        interruption=interruption,
        link=notification.link,
        is_update=shown.is_update,
    )


def interruption_of(notification: Notification, *, is_urgent: bool) -> Interruption:
    """Say how much a push may disturb."""
    if is_urgent or notification.category in PRESSING:
        return Interruption.TIME_SENSITIVE
    if notification.category in QUIET:
        return Interruption.PASSIVE
    return Interruption.ACTIVE


def _data(notification: Notification) -> Mapping[str, str]:
    return {
        "notificationId": notification.id,
        "category": notification.category.value,
        "link": notification.link,
        **({"workspaceId": notification.workspace_id} if notification.workspace_id else {}),
        **({"taskId": notification.task_id} if notification.task_id else {}),
    }
