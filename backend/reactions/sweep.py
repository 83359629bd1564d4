"""The guarantee behind the doorbells: look at every task that was written to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.adapters.metrics import Metrics
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Query, Stored, Where, Write
from backend.reactions.service import Reactor
from backend.tasks.model import TaskRef

log = structlog.get_logger()

PAGE = 100
CURSOR_PATH = "jobs/sweepReactions"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# A write stamped now may become visible a little later, after one stamped later still, and clocks
# of servers differ: the last stretch is looked at again.
OVERLAP = timedelta(seconds=30)


class Sweep:
    """
    Finds the tasks that no doorbell announced, in the order of their `updatedAt`.

    The cursor is kept in memory and stored when it moves; an old one costs reads, never a miss.
    """

    def __init__(self, store: Store, clock: Clock, reactor: Reactor, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._reactor = reactor
        self._metrics = metrics
        self._cursor: datetime | None = None

    def run(self, fence: int = 0) -> int:
        """
        React to every task written since the last run; return how many had been missed.

        `fence` is the runner's fencing token: a cursor of a later runner is left alone.
        """
        now = self._clock.now()
        horizon = now - OVERLAP
        start = self._cursor or self._stored_cursor()
        missed, last = self._sweep(start)
        moved = min(last, horizon) if last else start
        if moved > start:
            self._store.commit(lambda: (None, self._moving(moved, fence)))
        self._cursor = max(moved, start)
        age_s = (now - missed[0]).total_seconds() if missed else 0.0
        self._metrics.oldest_missed_change(max(0.0, age_s))
        if missed:
            log.warning("sweep.found_missed_tasks", missed=len(missed))
        return len(missed)

    def _sweep(self, start: datetime) -> tuple[list[datetime], datetime | None]:
        missed: list[datetime] = []
        last = None
        after: tuple[Any, ...] | None = None
        while found := self._page(start, after):
            missed += [
                stored.fields["updatedAt"] for stored in found if self._reactor.react(_ref(stored))
            ]
            last = found[-1].fields["updatedAt"]
            after = (last, found[-1].path)
            if len(found) < PAGE:
                break
        return missed, last

    def _page(self, start: datetime, after: tuple[Any, ...] | None) -> list[Stored]:
        return self._store.find(
            Query(
                "tasks",
                limit=PAGE,
                where=(Where("updatedAt", ">", start),),
                order_by=("updatedAt",),
                group=True,
                after=after,
            )
        )

    def _moving(self, to: datetime, fence: int) -> list[Write]:
        stored = self._store.get(CURSOR_PATH)
        fields = {"updatedAt": to, "fence": fence}
        if stored is None:
            return [Create(CURSOR_PATH, fields)]
        return [Change(stored, fields)] if stored.fields["fence"] <= fence else []

    def _stored_cursor(self) -> datetime:
        stored = self._store.get(CURSOR_PATH)
        return stored.fields["updatedAt"] if stored else BEGINNING


def _ref(stored: Stored) -> TaskRef:
    return TaskRef(stored.parent_id, stored.id)
