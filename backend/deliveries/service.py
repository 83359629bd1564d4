"""What staff do with deliveries: look at them, and have those that failed tried once more."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.admin.model import Staff, StaffRight
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.deliveries.documents import delivery_of, delivery_path
from backend.deliveries.model import (
    LATELY,
    REDRIVABLE,
    REDRIVEN,
    SENDING,
    Delivery,
    DeliveryRef,
    Health,
    Redriven,
    tried_anew,
)
from backend.deliveries.repository import Deliveries
from backend.deliveries.sending import sent_anew
from backend.kit.clock import Clock
from backend.kit.documents import Change, Stored, Write
from backend.kit.pages import Asked, Page, PageTokens
from backend.notifications.documents import decision_fields, notification_of, notification_path
from backend.notifications.model import Verdict
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

Wished = list[tuple[DeliveryRef, Redriven]]


class DeliveryService:
    """
    Deliveries of everybody, for those whose role on the platform allows it.

    Every method raises PermissionDenied for others of the staff.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, tokens: PageTokens
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._deliveries = Deliveries(store, tokens)

    def page(self, staff: Staff, verdict: Verdict, asked: Asked) -> Page[Delivery]:
        """
        Return a page of deliveries that ended so, the latest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        staff.must(StaffRight.MANAGE_DELIVERIES)
        return self._deliveries.page(verdict, asked, caller=staff.uid)

    def health(self, staff: Staff) -> Health:
        """Return how many deliveries wait, since when, and how many ended badly lately."""
        staff.must(StaffRight.MANAGE_DELIVERIES)
        now = self._clock.now()
        at_once, in_time = (
            self._deliveries.backlog(Verdict.PENDING, field, now) for field in ("at", "until")
        )
        return Health(
            at=now,
            pending=at_once + in_time,
            waiting=sum(
                self._deliveries.waiting(verdict, now)
                for verdict in (Verdict.PENDING, Verdict.HELD)
            ),
            late=self._deliveries.backlog(Verdict.HELD, "until", now),
            failed=self._deliveries.since(Verdict.FAILED, now - LATELY),
            throttled=self._deliveries.since(Verdict.THROTTLED, now - LATELY),
        )

    def redrive(self, staff: Staff, refs: Sequence[DeliveryRef]) -> Wished:
        """
        Try deliveries once more that did not reach anybody; say for each whether it is.

        Devices that were reached are left out. All of it is one commit.
        """
        staff.must(StaffRight.MANAGE_DELIVERIES)
        now = self._clock.now()
        outbox = Outbox()

        def plan() -> tuple[Wished, list[Write]]:
            nonlocal outbox
            outbox = Outbox()
            filed = [notification_path(each.uid, each.notification_id) for each in refs]
            found = self._store.get_all([*map(delivery_path, refs), *filed])
            decided, notices = found[: len(refs)], found[len(refs) :]
            wished = [
                (ref, _redrive(ref, decision, notice, outbox, now))
                for ref, decision, notice in zip(refs, decided, notices, strict=True)
            ]
            count = sum(became is Redriven.REDRIVEN for _, became in wished)
            if count:
                details = {"count": str(count)}
                entry = Entry(Action.DELIVERIES_REDRIVEN, staff.uid, now, details=details)
                outbox.writes.append(recording(entry))
            return wished, outbox.writes

        wished = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        acted = Action.DELIVERIES_REDRIVEN.value
        self._store.afterwards(lambda: log.info("admin.acted", action=acted))
        return wished


def _redrive(
    ref: DeliveryRef,
    stored: Stored | None,
    filed: Stored | None,
    outbox: Outbox,
    now: datetime,
) -> Redriven:
    if stored is None or filed is None:
        return Redriven.GONE
    decision = delivery_of(stored).decision
    if ref.channel not in SENDING or decision.verdict not in REDRIVABLE:
        return Redriven.LEFT
    notification = notification_of(filed)
    anew = tried_anew(decision, at=now, reason=REDRIVEN)
    outbox.writes.append(Change(stored, decision_fields(anew)))
    sent_anew(outbox, ref.channel, notification, now)
    return Redriven.REDRIVEN
