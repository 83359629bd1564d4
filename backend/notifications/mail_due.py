"""Whether the mail of a notification is still to be sent: by what has happened since it was due."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.kit.documents import Stored
from backend.notifications.deciding import ENDED, MAILED_AFTER, MAILED_AT_ONCE, decide, inputs_of
from backend.notifications.model import Decision, Notification, Verdict
from backend.notifications.preferences import Preferences
from backend.notifications.unsubscribe_tokens import DAILY, DIGESTS, WEEKLY, subscription_of

# While a push is on its way, its mail looks again so often, and in the end waits no longer.
LOOKS_AGAIN_AFTER = timedelta(minutes=5)
WAITS_AT_MOST = timedelta(hours=6)
SENDING = "sending"


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that is due, and what else is known of it: its own decision is `decision`."""

    timer: Stored
    stored: Stored
    notification: Notification
    decision: Decision
    push: Decision | None
    preferences: Preferences
    snoozed_until: datetime | None
    has_account: bool

    def ended(
        self, verdict: Verdict, reason: str, now: datetime, *, setting: str | None = None
    ) -> Decision:
        """Return the decision that ends it."""
        ended = self.decision.became(verdict, reason, at=now)
        return replace(ended, setting=setting, until=None)


@dataclass(frozen=True, slots=True)
class Wait:
    """It is too early to say: look again then."""

    until: datetime


def known_before_sending(due: DueMail, now: datetime) -> Decision | Wait | None:
    """
    Return what already settles the mail, or until when it waits for its push; None: it goes out.

    Pure. What the person wants counts as it is now, not as it was when the notification was filed.
    """
    if not due.has_account:
        return due.ended(Verdict.SUPPRESSED, ENDED, now)
    if due.notification.was_noticed:
        return due.ended(Verdict.SUPPRESSED, "seenAlready", now)
    if due.snoozed_until is not None and due.snoozed_until > now:
        return due.ended(Verdict.SUPPRESSED, "snoozed", now)
    return _by_settings(due, now) or _by_push(due, now)


def _by_settings(due: DueMail, now: datetime) -> Decision | None:
    subscription = subscription_of(due.notification)
    digests = {DAILY: due.preferences.daily, WEEKLY: due.preferences.weekly}
    if subscription is not None and digests.get(subscription.list, True) is None:
        return due.ended(
            Verdict.MUTED, "digest", now, setting=f"/digests/{DIGESTS[subscription.list]}"
        )
    if not due.decision.inputs:
        return None
    inputs = inputs_of(due.decision.inputs)
    inputs = replace(
        inputs,
        is_on=due.preferences.is_on(inputs.category, inputs.channel),
        level=due.preferences.level(inputs.workspace_id),
    )
    ruling = decide(inputs)
    if ruling.verdict is Verdict.PENDING:
        return None
    ended = due.ended(ruling.verdict, ruling.reason, now, setting=ruling.setting)
    return replace(ended, inputs=inputs.fields())  # So that it can be taken again, as any other.


def _by_push(due: DueMail, now: datetime) -> Decision | Wait | None:
    push = due.push
    if push is None or due.notification.category in MAILED_AT_ONCE:
        return None
    if push.verdict in (Verdict.SENT, Verdict.MERGED):
        return due.ended(Verdict.MERGED, "push", now)
    if push.verdict is Verdict.HELD and push.until is not None and push.until > now - WAITS_AT_MOST:
        return Wait(max(push.until, now) + MAILED_AFTER)
    due_at = due.decision.until or due.notification.created_at
    if push.verdict is Verdict.PENDING and now < due_at + WAITS_AT_MOST:
        return Wait(now + LOOKS_AGAIN_AFTER)
    return None
