"""Marking a notification, and all that follows from it, in one commit."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.firestore import Store
from backend.adapters.push import Outcome
from backend.inbox.badge import Badge
from backend.inbox.documents import snooze_timer, snooze_timer_id
from backend.inbox.model import Following, following
from backend.inbox.trays import Shown, take_off
from backend.kit.documents import Change, Fields, Stored
from backend.notifications.documents import decision_of
from backend.notifications.model import Verdict
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox

# Of many at once: trays hold few, Android's 50 of an app, and what is older is not looked for.
MOST_TAKEN_OFF = 100
EVERYWHERE = "*"  # No id of a device.


class Marking:
    """Adds to a commit what marks of notifications lead to: badge, snooze timer, devices."""

    def __init__(self, store: Store) -> None:
        self._badge = Badge(store)

    def of(
        self,
        stored: Stored,
        marks: Fields,
        badge: Stored | None,
        now: datetime,
        *,
        push: Callable[[], Stored | None],
        on_device: str | None = None,
    ) -> Outbox:
        """
        Return what writes these marks of one notification, and what follows from all it has.

        `push` returns the decision about its push, and is asked where it is unread no more: only
        devices that were sent it are told to show it no longer. `on_device` is the one on which it
        was marked, if it says so.
        """
        uid, follows = stored.parent_id, following({**stored.fields, **marks}, now)
        outbox = Outbox([_marking(stored, marks, follows, now)])
        by = {str(stored.fields.get("category")): follows.by}
        outbox.writes += self._badge.moving(uid, badge, by, now)
        set_snooze(outbox, uid, stored.id, follows, now)
        if follows.has_gone and may_be_shown(stored.fields, push(), but=on_device):
            take_off(outbox, uid, [Shown(stored.id, on_device)], now)
        return outbox

    def of_many(
        self,
        uid: str,
        found: Sequence[Stored],
        marks: Fields,
        badge: Stored | None,
        now: datetime,
        *,
        on_device: str | None = None,
    ) -> Outbox:
        """As `of` for several, the newest first, none of them snoozed; a write for each."""
        outbox, by, gone = Outbox(), Counter[str](), []
        for stored in found:
            # A timer that is set for nothing any more is seen to when it fires, or by a doorbell.
            follows = replace(following({**stored.fields, **marks}, now), is_timed_right=True)
            outbox.writes.append(_marking(stored, marks, follows, now))
            by[str(stored.fields.get("category"))] += follows.by
            if follows.has_gone:
                gone.append(Shown(stored.id, on_device))
        outbox.writes += self._badge.moving(uid, badge, by, now)
        take_off(outbox, uid, gone[:MOST_TAKEN_OFF], now)
        return outbox


def set_snooze(
    outbox: Outbox, uid: str, notification_id: str, follows: Following, now: datetime
) -> None:
    """Add to a commit the timer that ends a snooze, or take it away, unless it is right."""
    if follows.is_timed_right:
        return
    if follows.wakes_at is None:
        outbox.writes.append(withdrawing(snooze_timer_id(uid, notification_id)))
    else:
        outbox.set(snooze_timer(uid, notification_id, follows.wakes_at), now)


def may_be_shown(fields: Fields, push: Stored | None, *, but: str | None) -> bool:
    """Say whether another device than `but` may show a notification, or may do so in a moment."""
    return is_on_its_way(push) or bool({*sent_to(fields, push)} - {but})


def is_on_its_way(push: Stored | None) -> bool:
    """Say whether a push may just be under way, and arrive after it has been read elsewhere."""
    return push is not None and decision_of(push).verdict is Verdict.PENDING


def sent_to(fields: Fields, push: Stored | None) -> tuple[str, ...]:
    """
    Return the devices that were sent a notification, or perhaps were, by its decision about push.

    `EVERYWHERE` where that is not known: each change that joins a notification is decided anew,
    and what it looked like before may still be shown.
    """
    if push is None:
        return ()
    devices = decision_of(push).devices
    if not devices and fields.get("count", 1) > 1:
        return (EVERYWHERE,)
    perhaps = (Outcome.SENT.value, Outcome.UNKNOWN.value)
    return tuple(sorted(each for each, outcome in devices.items() if outcome in perhaps))


def _marking(stored: Stored, marks: Fields, follows: Following, now: datetime) -> Change:
    # What only follows is no change of the person's: the sweep need not look at it again.
    stamp = {"updatedAt": now} if marks else {}
    return Change(stored, {**marks, **follows.fields, **stamp})
