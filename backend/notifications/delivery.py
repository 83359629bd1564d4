"""What delivering a notification to one person writes."""

from datetime import datetime

from backend.kit.documents import Adjust, Create, Increment, Put
from backend.kit.ids import derived_id
from backend.notifications.documents import (
    badge_path,
    decision_fields,
    decision_path,
    notification_fields,
    notification_path,
)
from backend.notifications.model import Channel, Decision, Notification, Verdict
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox

ABOUT_DEVICE = "aboutDeviceId"
ABOUT_COMMENT = "commentId"


def deliver(
    filed: Outbox,
    notification: Notification,
    now: datetime,
    *,
    about_device: str | None = None,
    about_comment: str | None = None,
) -> None:
    """
    Add inbox document, badge, a decision for each channel, and the push, to a guarded commit.

    `about_device` is the device that the notification tells the others of, `about_comment` the
    comment that it quotes.
    """
    uid = notification.uid
    badge = {
        "unread": Increment(1),
        "unreadByCategory": {notification.category.value: Increment(1)},
    }
    inbox = Decision(Verdict.SENT, "default", 1, now, {})
    push = Decision(Verdict.PENDING, "default", 0, now, {})
    subject = {"uid": uid, "notificationId": notification.id}
    if about_device is not None:
        subject[ABOUT_DEVICE] = about_device
    if notification.workspace_id is not None and notification.task_id is not None:
        subject |= {"workspaceId": notification.workspace_id, "taskId": notification.task_id}
    if about_comment is not None:
        subject[ABOUT_COMMENT] = about_comment
    filed.writes += [
        Create(notification_path(uid, notification.id), notification_fields(notification)),
        Put(decision_path(uid, notification.id, Channel.INBOX), decision_fields(inbox)),
        Put(decision_path(uid, notification.id, Channel.PUSH), decision_fields(push)),
        Adjust(badge_path(uid), badge),
    ]
    filed.set(Timer(derived_id("push", uid, notification.id), TimerKind.PUSH, subject, now), now)
