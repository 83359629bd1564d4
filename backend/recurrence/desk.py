"""Where commands change a series: read, changed, written with its consequences in one commit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Stored, Write
from backend.recurrence.documents import series_fields
from backend.recurrence.ledger import Turn
from backend.recurrence.making import Making, set_timer, tasks_made
from backend.recurrence.repository import SeriesRepository
from backend.recurrence.series import Series
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member


@dataclass(slots=True)
class Changed:
    """A series as a command leaves it, what its commit writes, and what takes that back."""

    series: Series
    outbox: Outbox = field(default_factory=Outbox)
    touched: list[Touched] = field(default_factory=list)


Act = Callable[[Stored, Series, bool], Changed | None]


class SeriesDesk:
    """Carries out what changes one series."""

    def __init__(
        self,
        store: Store,
        timers: TimerService,
        making: Making,
        series: SeriesRepository,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._timers = timers
        self._making = making
        self._series = series
        self._offers = offers

    def change(
        self,
        actor: Actor,
        member: Member,
        series_id: str,
        act: Act,
        *,
        now: datetime,
    ) -> Done[Series]:
        """
        Let `act` change a series of a member's workspace; None: it leaves it as it is.

        It is told whether a commit of it has failed, so that it must look at what is there.

        Raises:
            NotFound: there is no such series.
        """
        tried: tuple[Done[Series], Changed] | None = None
        has_failed = False

        def plan() -> tuple[tuple[Done[Series], Changed | None], list[Write]]:
            nonlocal tried, has_failed
            stored, series = self._series.get(series_id, seen_by=member)
            if tried is not None and series == tried[1].series:
                return tried, []  # Our own commit took place; only its answer was lost.
            changed = act(stored, series, has_failed)
            has_failed = True
            if changed is None:
                return (Done(series, None), None), []
            offered = self._offers.offer(actor, changed.touched, now=now)
            tried = Done(changed.series, offered.token), changed
            return tried, [*changed.outbox.writes, *offered.writes]

        done, changed = self._store.commit(plan)
        if changed is not None:
            timers = changed.outbox.timers
            self._store.afterwards(lambda: self._timers.announce(timers, now=now))
        return done

    def bare(self, stored: Stored, before: Series, after: Series, *, now: datetime) -> Changed:
        """Return the change of a series alone, with its timer."""
        fields = series_fields(after)
        changed = Changed(after, Outbox([Change(stored, fields)]))
        changed.touched.append(Touched.changed(stored, fields))
        set_timer(changed.outbox, after, before=before, now=now)
        return changed

    def turned(
        self,
        stored: Stored,
        before: Series,
        turn: Turn,
        *,
        by: str,
        after: str | None,
        now: datetime,
        careful: bool = False,
    ) -> Changed:
        """Return the change of a series that makes occurrences, with them and its timer."""
        changed = Changed(
            turn.series, self._making.turned(stored, turn, by=by, after=after, careful=careful)
        )
        changed.touched.append(Touched.changed(stored, series_fields(turn.series)))
        changed.touched += created_tasks(changed.outbox.writes)
        set_timer(changed.outbox, turn.series, before=before, now=now)
        return changed


def created_tasks(writes: Sequence[Write]) -> list[Touched]:
    """Return what takes the tasks back that are made by these writes."""
    return [Touched.created(path) for path in tasks_made(writes)]
