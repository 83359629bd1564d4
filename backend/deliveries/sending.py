"""Setting the timers of deliveries once more."""

from datetime import datetime

from backend.deliveries.model import Delivery
from backend.notifications.holding import subject_of
from backend.notifications.mail_timers import mail_timer, mail_timer_id
from backend.notifications.model import Channel, Notification, Verdict
from backend.notifications.push_timers import push_timer, push_timer_id
from backend.notifications.releasing import hold_back, release_timer
from backend.timers.outbox import Outbox


def timer_id(delivery: Delivery) -> str:
    """Return the id of the timer that goes on with a delivery."""
    ref, decision = delivery.ref, delivery.decision
    if decision.verdict is Verdict.HELD and decision.until is not None:
        return release_timer(ref.uid, decision.until).id
    named = push_timer_id if ref.channel is Channel.PUSH else mail_timer_id
    return named(ref.uid, ref.notification_id)


def sent_anew(outbox: Outbox, channel: Channel, notification: Notification, now: datetime) -> None:
    """Add the timer that pushes or mails a notification now; its commit needs a guarded write."""
    timer = push_timer if channel is Channel.PUSH else mail_timer
    outbox.set(timer(notification, now, subject_of(notification)), now)


def held_anew(outbox: Outbox, notification: Notification, until: datetime, now: datetime) -> None:
    """Add what releases a notification that is held; its commit needs a guarded write."""
    hold_back(outbox, notification, until, now, subject_of(notification))
