"""What telling one person something writes."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from backend.kit.documents import Adjust, Create, Increment, Put, Write
from backend.notifications.addressees import Addressee
from backend.notifications.deciding import decisions
from backend.notifications.documents import (
    badge_path,
    decision_fields,
    decision_path,
    notification_fields,
    notification_path,
)
from backend.notifications.holding import subject_of
from backend.notifications.mail_timers import mail_timer
from backend.notifications.model import Category, Channel, Decision, Notification, Verdict
from backend.notifications.push_timers import push_timer
from backend.notifications.releasing import hold_back
from backend.timers.outbox import Outbox

ABOUT_DEVICE = "aboutDeviceId"


def deliver(
    filed: Outbox,
    notification: Notification,
    to: Addressee,
    now: datetime,
    *,
    is_urgent: bool = False,
    about_device: str | None = None,
    offered: Collection[Channel] = tuple(Channel),
) -> None:
    """
    Add inbox document, badge, a decision for each channel, and what is to send it, to a commit.

    The commit needs a guarded write besides. `is_urgent` may break the person's quiet hours.
    `about_device` is the device that the notification tells the others of, `offered` are the
    channels that it is sent by at all. What is muted in the inbox is filed there as archived:
    nobody is disturbed, and whoever asks why they did not hear of it finds the answer.
    """
    uid, category, place = notification.uid, notification.category, notification.workspace_id
    found = decisions(category, place, to, now, is_urgent=is_urgent, offered=offered)
    if found[Channel.INBOX].verdict is Verdict.MUTED:
        notification = replace(notification, archived_at=now)
    fields = notification_fields(notification)
    filed.writes.append(Create(notification_path(uid, notification.id), fields))
    if not notification.was_seen:
        filed.writes.append(counting(uid, category))
    filed.writes.append(deciding(notification, Channel.INBOX, found[Channel.INBOX]))
    about = {ABOUT_DEVICE: about_device} if about_device else {}
    send(filed, notification, found, now, {**subject_of(notification), **about})


def send(
    filed: Outbox,
    notification: Notification,
    found: dict[Channel, Decision],
    now: datetime,
    about: Mapping[str, str],
) -> None:
    """Add the decisions about push and mail, and the timers that carry them out."""
    push, mail = found[Channel.PUSH], found[Channel.EMAIL]
    filed.writes.append(deciding(notification, Channel.PUSH, push))
    filed.writes.append(deciding(notification, Channel.EMAIL, mail))
    if push.verdict is Verdict.PENDING:
        filed.set(push_timer(notification, push.until or now, about), now)
    if push.verdict is Verdict.HELD and push.until is not None:
        hold_back(filed, notification, push.until, now, about)
    if mail.verdict is Verdict.PENDING:
        filed.set(mail_timer(notification, mail.until or now, about), now)


def counting(uid: str, category: Category) -> Write:
    """Return the write that lets the badge count one more."""
    by_category = {category.value: Increment(1)}
    return Adjust(badge_path(uid), {"unread": Increment(1), "unreadByCategory": by_category})


def deciding(notification: Notification, channel: Channel, decision: Decision) -> Write:
    """Return the write of a decision, in place of an earlier one about the same."""
    path = decision_path(notification.uid, notification.id, channel)
    return Put(path, decision_fields(decision))
