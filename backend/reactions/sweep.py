"""The guarantee behind the doorbells: look at every document that was written to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.adapters.metrics import Metrics
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Query, Stored, Where, Write

log = structlog.get_logger()

PAGE = 100
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# A write stamped now may become visible a little later, after one stamped later still, and clocks
# of servers differ: the last stretch is looked at again.
OVERLAP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Swept:
    """
    A collection whose doorbells may be lost.

    `field` is the instant of a document's last write; `react` says whether that had been missed.
    `group` means every collection of that name. Looking costs a read also where nothing was
    written, so a collection of less urgency is looked at in each `every`-th turn only.
    """

    collection: str
    field: str
    react: Callable[[Stored], bool]
    cursor_id: str
    group: bool = True
    every: int = 1
    # Conditions that documents meet until they were reacted to: such are looked for from the
    # beginning in each run.
    waiting: tuple[Where, ...] = ()


class Sweep:
    """Finds the documents that no doorbell announced, collection by collection."""

    def __init__(
        self, store: Store, clock: Clock, metrics: Metrics, collections: Sequence[Swept]
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._sweepers = [_Sweeper(store, swept) for swept in collections]

    def run(self, fence: int | None = None, *, turn: int = 0) -> int:
        """
        React to everything written since the last run; return how much had been missed.

        `fence` is the runner's fencing token: a cursor of a later runner is left alone. Cloud
        Scheduler's requests have none. `turn` counts the runs; in turn 0 every collection is
        looked at.
        """
        now = self._clock.now()
        missed = [
            at
            for sweeper in self._sweepers
            if turn % sweeper.swept.every == 0
            for at in sweeper.run(now, fence)
        ]
        age_s = (now - min(missed)).total_seconds() if missed else 0.0
        self._metrics.oldest_missed_change(max(0.0, age_s))
        return len(missed)


class _Sweeper:
    """
    Goes through one collection in the order of its last writes.

    The cursor is kept in memory and stored when it moves; an old one costs reads, never a miss.
    """

    def __init__(self, store: Store, swept: Swept) -> None:
        self.swept = swept
        self._store = store
        self._path = f"jobs/{swept.cursor_id}"
        self._cursor: datetime | None = None

    def run(self, now: datetime, fence: int | None) -> list[datetime]:
        """Return when what had been missed was written."""
        if self.swept.waiting:
            return self._sweep(BEGINNING)[0]
        start = self._cursor or self._stored_cursor()
        missed, last = self._sweep(start)
        moved = min(last, now - OVERLAP) if last else start
        if moved > start:
            self._store.commit(lambda: (None, self._moving(moved, fence)))
        self._cursor = max(moved, start)
        if missed:
            kind, number = self.swept.collection, len(missed)
            log.warning("sweep.found_missed_changes", kind=kind, missed=number)
        return missed

    def _sweep(self, start: datetime) -> tuple[list[datetime], datetime | None]:
        missed: list[datetime] = []
        last = None
        after: tuple[Any, ...] | None = None
        while found := self._page(start, after):
            missed += [
                stored.fields[self.swept.field] for stored in found if self.swept.react(stored)
            ]
            last = found[-1].fields[self.swept.field]
            after = (last, found[-1].path)
            if len(found) < PAGE:
                break
        return missed, last

    def _page(self, start: datetime, after: tuple[Any, ...] | None) -> list[Stored]:
        return self._store.find(
            Query(
                self.swept.collection,
                limit=PAGE,
                where=(*self.swept.waiting, Where(self.swept.field, ">", start)),
                order_by=(self.swept.field,),
                group=self.swept.group,
                after=after,
            )
        )

    def _moving(self, to: datetime, fence: int | None) -> list[Write]:
        stored = self._store.get(self._path)
        if stored is None:
            return [Create(self._path, {"updatedAt": to, "fence": fence or 0})]
        if fence is None:
            fence = stored.fields["fence"]
        if stored.fields["fence"] > fence:
            return []
        return [Change(stored, {"updatedAt": to, "fence": fence})]

    def _stored_cursor(self) -> datetime:
        stored = self._store.get(self._path)
        return stored.fields["updatedAt"] if stored else BEGINNING
