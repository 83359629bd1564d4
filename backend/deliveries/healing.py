"""
The guarantee behind the timers of notifications: what was decided is carried out, or ends.

A decision that is pending, or held until an instant that has passed, must have a timer that goes
on with it. Where there is none, or one that was given up, nobody would ever look at it again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.adapters.metrics import Metrics
from backend.deliveries.model import GIVEN_UP, HEALED, Delivery, tried_anew
from backend.deliveries.repository import Deliveries
from backend.deliveries.sending import held_anew, sent_anew, timer_id
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Unchanged, Withdraw
from backend.kit.pages import PageTokens
from backend.notifications.documents import decision_fields, notification_of, notification_path
from backend.notifications.model import Channel, Verdict
from backend.timers.documents import is_given_up, timer_path
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

# Timers whose jobs were lost are repaired long before that: only one that is not there needs help.
LATE_BY = timedelta(minutes=15)
# What a tick finds besides is left to the next one.
GOES_ON_S = 30.0
FINISHED = (  # Which verdict waits, and by which of its instants it is late.
    (Verdict.PENDING, "at"),  # What was to be pushed at once.
    (Verdict.PENDING, "until"),  # Mails, which may have to wait all night, and what was tried anew.
    (Verdict.HELD, "until"),
)


class Healing:
    """
    Finds deliveries that nobody will finish, and finishes them.

    Costs three reads where nothing is late; else two for each delivery that should have gone on a
    quarter of an hour ago, most of which have a timer and are left alone.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, tokens: PageTokens, metrics: Metrics
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._metrics = metrics
        self._deliveries = Deliveries(store, tokens)

    def run(self) -> int:
        """Set the timers that are missing; end what was given up. Return how many there were."""
        now, ends_at = self._clock.now(), self._clock.monotonic() + GOES_ON_S
        healed, oldest_s = 0, 0.0
        for verdict, field in FINISHED:
            for page in self._deliveries.undecided_since(verdict, field, now - LATE_BY):
                for stored, delivery, timer in self._stuck(page):
                    oldest_s = max(oldest_s, (now - stored.fields[field]).total_seconds())
                    healed += self._heal(stored, delivery, timer, now)
                if self._clock.monotonic() > ends_at:
                    break
        self._metrics.oldest_stuck_delivery(oldest_s)
        if healed:
            log.warning("sweep.found_deliveries", missed=healed)
        return healed

    def _stuck(
        self, page: Sequence[tuple[Stored, Delivery]]
    ) -> list[tuple[Stored, Delivery, Stored | None]]:
        """Return what has no timer, or one that was given up; with it."""
        if not page:
            return []
        timers = self._store.get_all([timer_path(timer_id(each)) for _, each in page])
        return [
            (stored, delivery, timer)
            for (stored, delivery), timer in zip(page, timers, strict=True)
            if timer is None or is_given_up(timer)
        ]

    def _heal(
        self, stored: Stored, delivery: Delivery, timer: Stored | None, now: datetime
    ) -> bool:
        """Finish one, unless somebody was faster."""
        outbox = self._mending(stored, delivery, timer, now)
        if not self._store.attempt(outbox.writes):
            return False
        self._timers.announce(outbox.timers, now=now)
        log.info(
            "delivery.healed",
            notification_id=delivery.ref.notification_id,
            kind=delivery.ref.channel.value,
        )
        return True

    def _mending(
        self, stored: Stored, delivery: Delivery, timer: Stored | None, now: datetime
    ) -> Outbox:
        ref, decision = delivery.ref, delivery.decision
        if timer is not None:  # It can never be fired. Staff see it, and may try it anew.
            ended = decision.became(Verdict.FAILED, GIVEN_UP, at=now)
            return Outbox([Change(stored, decision_fields(ended)), Withdraw(timer.path)])
        filed = self._store.get(notification_path(ref.uid, ref.notification_id))
        if filed is None:  # Deleted, and this was left behind.
            return Outbox([Remove(stored)])
        notification = notification_of(filed)
        if ref.channel is Channel.INBOX:  # Filed it is: nothing else could be meant.
            there = decision.became(Verdict.SENT, HEALED, at=now)
            return Outbox([Change(stored, decision_fields(there))])
        outbox = Outbox()
        if decision.verdict is Verdict.HELD and decision.until is not None:
            outbox.writes.append(Unchanged(stored))
            held_anew(outbox, notification, decision.until, now)
        else:
            anew = tried_anew(decision, at=now, reason=HEALED)
            outbox.writes.append(Change(stored, decision_fields(anew)))
            sent_anew(outbox, ref.channel, notification, now)
        return outbox
