"""What staff do with broadcasts. Each act leaves an entry in the audit log, in the same commit."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.admin.model import Staff, StaffRight
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.broadcasts.audience import Audience
from backend.broadcasts.documents import changing, creating
from backend.broadcasts.model import Broadcast, begun
from backend.broadcasts.outcomes import Outcome, Outcomes
from backend.broadcasts.repository import BroadcastRepository
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Write
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.operations.documents import changing as changing_operation
from backend.operations.documents import operation_of, operation_path
from backend.operations.model import Operation, OperationKind
from backend.operations.service import ending, starting, working
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

# Returns a broadcast as it is after an act at an instant, and adds what else that writes.
Acting = Callable[[Broadcast, Outbox, datetime], Broadcast]


class BroadcastService:
    """
    Broadcasts, for those whose role on the platform allows them.

    Every method raises PermissionDenied for others of the staff.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, tokens: PageTokens
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._broadcasts = BroadcastRepository(store, tokens)
        self._audience = Audience(store)
        self._outcomes = Outcomes(store)

    def begin(self, staff: Staff, wanted: Mapping[str, Any]) -> Broadcast:
        """Begin to tell a segment something: an operation under the same id does the work."""
        staff.must(StaffRight.MANAGE_BROADCASTS)
        now = self._clock.now()
        expected, _ = self._audience.expected(wanted["segment"], now)
        broadcast = begun(
            random_id(), by=staff.uid, wanted={**wanted, "expected": expected}, at=now
        )
        operation = Operation.started(
            broadcast.id, OperationKind.BROADCAST, uid=staff.uid, at=now, total=expected
        )
        outbox = starting(operation, now)
        outbox.writes += [creating(broadcast), _entry(staff, broadcast.id, "begun", now)]
        self._store.create(outbox.writes)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("broadcast.begun", people=expected))
        return broadcast

    def get(self, staff: Staff, broadcast_id: str) -> Broadcast:
        """
        Return a broadcast: how far it is.

        Raises:
            NotFound: there is none.
        """
        staff.must(StaffRight.MANAGE_BROADCASTS)
        return self._broadcasts.get(broadcast_id)[1]

    def page(self, staff: Staff, asked: Asked) -> Page[Broadcast]:
        """
        Return a page of broadcasts, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        staff.must(StaffRight.MANAGE_BROADCASTS)
        return self._broadcasts.page(asked, caller=staff.uid)

    def recipients(self, staff: Staff, broadcast_id: str, asked: Asked) -> Page[Outcome]:
        """
        Return a page of those a broadcast was for, and what became of it for each, as it is now.

        Raises:
            NotFound: there is no such broadcast.
            InvalidArgument: the page token belongs to another list.
        """
        self.get(staff, broadcast_id)
        found = self._broadcasts.recipients(broadcast_id, asked, caller=staff.uid)
        return Page(self._outcomes.of(found.items), found.next_page_token)

    def pause(self, staff: Staff, broadcast_id: str) -> Broadcast:
        """
        Let nobody else be told for now; a page that is being told at the moment is not.

        Raises:
            NotFound: there is none.
            FailedPrecondition: all are told, or it has ended.
        """

        def act(broadcast: Broadcast, outbox: Outbox, now: datetime) -> Broadcast:
            outbox.writes.append(withdrawing(broadcast.working_timer_id))
            return broadcast.paused(at=now)

        return self._change(staff, broadcast_id, "paused", act)

    def resume(self, staff: Staff, broadcast_id: str) -> Broadcast:
        """
        Go on where it stopped.

        Raises:
            NotFound: there is none.
            FailedPrecondition: all are told, or it has ended.
        """

        def act(broadcast: Broadcast, outbox: Outbox, now: datetime) -> Broadcast:
            stored = self._operation(broadcast)
            if stored is not None:
                outbox.set(working(operation_of(stored), now, alone=False), now)
            return broadcast.resumed(at=now)

        return self._change(staff, broadcast_id, "resumed", act)

    def cancel(self, staff: Staff, broadcast_id: str) -> Broadcast:
        """
        Call it off for good. Who was told stays told.

        Raises:
            NotFound: there is none.
            FailedPrecondition: all are told, or it has ended.
        """

        def act(broadcast: Broadcast, outbox: Outbox, now: datetime) -> Broadcast:
            stored = self._operation(broadcast)
            outbox.writes.append(withdrawing(broadcast.working_timer_id))
            if stored is not None and (operation := operation_of(stored)).is_running:
                called_off = operation.cancelled(at=now)
                outbox.writes.append(changing_operation(stored, called_off))
                outbox.set(ending(called_off, at=now), now)
            return broadcast.cancelled(at=now)

        return self._change(staff, broadcast_id, "cancelled", act)

    def _change(self, staff: Staff, broadcast_id: str, act: str, acting: Acting) -> Broadcast:
        staff.must(StaffRight.MANAGE_BROADCASTS)
        now, outbox = self._clock.now(), Outbox()
        entry = _entry(staff, broadcast_id, act, now)

        def plan() -> tuple[Broadcast, list[Write]]:
            nonlocal outbox
            outbox = Outbox()
            stored, broadcast = self._broadcasts.get(broadcast_id)
            after = acting(broadcast, outbox, now)
            if after is broadcast:
                outbox = Outbox()
                return broadcast, []
            return after, [changing(stored, after), *outbox.writes, entry]

        changed = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("admin.acted", action=Action.BROADCAST_KEPT.value))
        return changed

    def _operation(self, broadcast: Broadcast) -> Stored | None:
        return self._store.get(operation_path(broadcast.id))


def _entry(staff: Staff, broadcast_id: str, act: str, now: datetime) -> Write:
    details = {"broadcastId": broadcast_id, "act": act}
    return recording(Entry(Action.BROADCAST_KEPT, staff.uid, now, details=details))
