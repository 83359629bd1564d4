"""What people do with one notification, and the list of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.inbox.badge import Badge
from backend.inbox.documents import item_of, snooze_timer_id
from backend.inbox.marking import Marking, may_be_shown, sent_to
from backend.inbox.model import LONGEST_SNOOZE, Item, Wanted, is_unread, marked
from backend.inbox.repository import Inboxes, seen
from backend.inbox.trays import Shown, take_off
from backend.inbox.undoing import left_by
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.errors import InvalidArgument
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.notifications.documents import (
    badge_path,
    decision_of,
    decision_path,
    notification_path,
)
from backend.notifications.model import Channel, Decision
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers

log = structlog.get_logger()


class InboxService:
    """
    The caller's own notifications.

    Every method raises NotFound for what is absent, another's or expired. Aborted: it kept
    changing at the same time. What changes something returns the token that takes it back.
    `on_device` is the device that the caller holds in hand: it is not told of what it has done.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        tokens: PageTokens,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._offers = offers
        self._inboxes = Inboxes(store, tokens)
        self._badge = Badge(store)
        self._marking = Marking(store)

    def page(self, actor: Actor, wanted: Wanted, asked: Asked) -> Page[Item]:
        """
        Return a page of the caller's notifications, the newest first.

        Raises:
            InvalidArgument: unread ones were asked for in the archive, where there are none; or
                the page token belongs to another list.
        """
        if wanted.unread and wanted.archived:
            raise InvalidArgument(
                "What is archived is not unread. Ask for one of the two.",
                code="unsupported-query",
                pointer="/unread",
            )
        return self._inboxes.page(actor, wanted, asked, self._clock.now())

    def get(self, actor: Actor, notification_id: str) -> Item:
        """Return a notification."""
        return self._inboxes.get(actor, notification_id, self._clock.now())

    def decisions(self, actor: Actor, notification_id: str) -> list[tuple[Channel, Decision]]:
        """Return why a notification did, or did not, reach the caller, channel by channel."""
        found = self._inboxes.decisions(actor, notification_id, self._clock.now())
        return [(Channel(stored.id), decision_of(stored)) for stored in found]

    def mark(
        self,
        actor: Actor,
        notification_id: str,
        marks: Mapping[str, Any],
        *,
        on_device: str | None = None,
    ) -> Done[Item]:
        """
        Mark a notification: `read_at` and `archived_at`, True or None, and `snoozed_until`.

        Raises:
            InvalidArgument: it would be snoozed until the past, or for more than `LONGEST_SNOOZE`.
        """
        now = self._clock.now()
        _check_snooze(marks.get("snoozed_until"), now)
        path = notification_path(actor.uid, checked(notification_id))
        paths = [path, badge_path(actor.uid), f"{path}/decisions/{Channel.PUSH.value}"]
        tried: tuple[Done[Item], Outbox] | None = None

        def plan() -> tuple[tuple[Done[Item], Outbox], list[Write]]:
            nonlocal tried
            found, badge, push = self._store.get_all(paths)
            stored = seen(found, now)
            changes = marked(stored.fields, marks, now)
            if not changes:  # Perhaps only the answer of our own commit was lost.
                return tried or (Done(item_of(stored, now), None), Outbox()), []
            outbox = self._marking.of(
                stored, changes, badge, now, push=lambda: push, on_device=on_device
            )
            offered = self._offers.offer(actor, [left_by(stored, changes)], now=now)
            after = Stored(path, {**stored.fields, **changes, "updatedAt": now}, now)
            tried = Done(item_of(after, now), offered.token), outbox
            return tried, [*outbox.writes, *offered.writes]

        done, outbox = self._store.commit(plan)
        self._follow(outbox, now)
        if done.undo is not None:
            self._tell("notification.marked", notification_id)
        return done

    def delete(
        self, actor: Actor, notification_id: str, *, on_device: str | None = None
    ) -> Done[None]:
        """Delete a notification for good, with the decisions about it."""
        now = self._clock.now()
        uid, each = actor.uid, checked(notification_id)
        decided = [decision_path(uid, each, channel) for channel in Channel]
        paths = [notification_path(uid, each), badge_path(uid), *decided]
        tried: tuple[Done[None], Outbox] | None = None

        def plan() -> tuple[tuple[Done[None], Outbox], list[Write]]:
            nonlocal tried
            found, badge, *decisions = self._store.get_all(paths)
            if found is None and tried is not None:
                return tried, []  # Our own commit; only its answer was lost.
            stored, left = seen(found, now), [one for one in decisions if one is not None]
            outbox = self._deleting(stored, badge, left, now, on_device)
            gone = [Touched.removed(one) for one in (stored, *left)]
            offered = self._offers.offer(actor, gone, now=now)
            tried = Done(None, offered.token), outbox
            return tried, [*outbox.writes, *offered.writes]

        done, outbox = self._store.commit(plan)
        self._follow(outbox, now)
        self._tell("notification.deleted", notification_id)
        return done

    def _deleting(
        self,
        stored: Stored,
        badge: Stored | None,
        decisions: list[Stored],
        now: datetime,
        on_device: str | None,
    ) -> Outbox:
        uid, fields = stored.parent_id, stored.fields
        outbox = Outbox([Remove(each) for each in (stored, *decisions)])
        by = {str(fields.get("category")): -bool(fields.get("isCounted", True))}
        outbox.writes += self._badge.moving(uid, badge, by, now)
        if fields.get("wakesAt") is not None:
            outbox.writes.append(withdrawing(snooze_timer_id(uid, stored.id)))
        push = next((each for each in decisions if each.id == Channel.PUSH.value), None)
        # One that was seen before is on no device any more.
        if is_unread(fields, now) and may_be_shown(fields, push, but=on_device):
            take_off(outbox, uid, [Shown(stored.id, on_device, sent_to(fields, push))], now)
        return outbox

    def _follow(self, outbox: Outbox, now: datetime) -> None:
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))

    def _tell(self, done: str, notification_id: str) -> None:
        self._store.afterwards(lambda: log.info(done, notification_id=notification_id))


def _check_snooze(until: datetime | None, now: datetime) -> None:
    if until is not None and not now < until <= now + LONGEST_SNOOZE:
        raise InvalidArgument(
            f"Put it off until an instant of the next {LONGEST_SNOOZE.days} days.",
            pointer="/snoozedUntil",
        )
