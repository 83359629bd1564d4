"""The guarantee behind the timers of broadcasts: what is under way goes on, or has ended."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.broadcasts.documents import BROADCASTS, broadcast_of, changing
from backend.broadcasts.model import UNENDED, Broadcast, BroadcastState
from backend.kit.clock import Clock
from backend.kit.documents import Query, Stored, Unchanged, Where
from backend.kit.errors import DataLoss
from backend.operations.documents import operation_of, operation_path
from backend.operations.service import working
from backend.timers.documents import timer_path
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

MOST = 100  # Under way at one time. What is found besides is left to the next tick.


class BroadcastRepair:
    """
    Looks at the broadcasts that have not ended: one read where there is none.

    One that is running without a timer is given one; one whose operation is no longer there, or
    has ended, ends as well.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def run(self) -> int:
        """Mend what would never go on; return how many there were."""
        under_way = Where("state", "in", sorted(state.value for state in UNENDED))
        found = self._readable(self._store.find(Query(BROADCASTS, MOST, (under_way,))))
        if not found:
            return 0
        ids = [broadcast.id for _, broadcast in found]
        paths = [*map(operation_path, ids), *(timer_path(b.working_timer_id) for _, b in found)]
        beside = self._store.get_all(paths)
        operations, timers = beside[: len(ids)], beside[len(ids) :]
        now = self._clock.now()
        mended = sum(
            self._mend(stored, broadcast, operation, timer, now)
            for (stored, broadcast), operation, timer in zip(found, operations, timers, strict=True)
        )
        if mended:
            log.warning("sweep.found_broadcasts", missed=mended)
        return mended

    def _mend(
        self,
        stored: Stored,
        broadcast: Broadcast,
        operation: Stored | None,
        timer: Stored | None,
        now: datetime,
    ) -> bool:
        outbox = Outbox()
        work = operation_of(operation) if operation else None
        if work is None or not work.is_running:
            ended = broadcast.ended(BroadcastState.CANCELLED, at=now)
            outbox.writes.append(changing(stored, ended))
        elif broadcast.state is not BroadcastState.PAUSED and timer is None:
            outbox.writes.append(Unchanged(stored))
            outbox.set(working(work, now, alone=False), now)
        if not outbox.writes or not self._store.attempt(outbox.writes):
            return False
        self._timers.announce(outbox.timers, now=now)
        return True

    def _readable(self, found: Sequence[Stored]) -> list[tuple[Stored, Broadcast]]:
        broadcasts = []
        for stored in found:
            try:
                broadcasts.append((stored, broadcast_of(stored)))
            except DataLoss as error:
                log.exception("broadcast.unreadable", detail=error.detail)
        return broadcasts
