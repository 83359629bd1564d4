"""Setting the timers of deliveries once more."""

from datetime import datetime

from backend.deliveries.model import Delivery, about
from backend.kit.ids import derived_id
from backend.notifications.model import Channel, Notification, Verdict
from backend.notifications.push_timers import push_timer
from backend.notifications.releasing import hold_back, release_timer
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox


def timer_id(delivery: Delivery) -> str:
    """Return the id of the timer that goes on with a delivery."""
    ref, decision = delivery.ref, delivery.decision
    if decision.verdict is Verdict.HELD and decision.until is not None:
        return release_timer(ref.uid, decision.until).id
    kind = "push" if ref.channel is Channel.PUSH else TimerKind.NOTICE_MAIL.value
    return derived_id(kind, ref.uid, ref.notification_id)


def sent_anew(
    outbox: Outbox,
    channel: Channel,
    notification: Notification,
    about_it: dict[str, str],
    now: datetime,
) -> None:
    """Add the timer that pushes or mails a notification now; its commit needs a guarded write."""
    if channel is Channel.PUSH:
        outbox.set(push_timer(notification, now, about_it), now)
        return
    subject = {"uid": notification.uid, "notificationId": notification.id}
    mail_id = derived_id(TimerKind.NOTICE_MAIL.value, notification.uid, notification.id)
    outbox.set(Timer(mail_id, TimerKind.NOTICE_MAIL, subject, now), now)


def held_anew(outbox: Outbox, notification: Notification, until: datetime, now: datetime) -> None:
    """Add what releases a notification that is held; its commit needs a guarded write."""
    hold_back(outbox, notification, until, now, about(notification))
