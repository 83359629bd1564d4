"""An occurrence comes at its own time, where all are to come: the timer, and who repairs it."""

from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Remove, Stored, Unchanged, Where, Write
from backend.kit.errors import DataLoss
from backend.recurrence.documents import series_fields, series_of, series_path
from backend.recurrence.ledger import came, settled
from backend.recurrence.making import Making, occurrence_timer
from backend.recurrence.series import CatchUp, Series
from backend.timers.documents import is_due, is_given_up, setting, setting_anew, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer
from backend.timers.service import TimerService
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

REPAIRED_AT_ONCE = 100


class Arriving:
    """
    Makes what has come since the occurrence made last, a bounded number in a commit.

    The timer moves on to the next with that commit, and fires again at once while there is more
    to make up for.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, workspaces: WorkspaceService
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._making = Making(store, workspaces)

    def fire(self, alarm: Alarm) -> None:
        """Make the occurrences of the timer's series whose time has come."""
        now = self._clock.now()
        path = series_path(alarm.id_of("workspaceId"), alarm.id_of("seriesId"))
        has_failed = False

        def plan() -> tuple[tuple[int, Timer | None], list[Write]]:
            nonlocal has_failed
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), path])
            if timer is None or not is_due(timer, alarm, now):
                return (0, None), []
            if stored is None:
                return (0, None), [Remove(timer)]
            careful, has_failed = has_failed, True
            return self._arrived(timer, stored, now, careful=careful)

        made, following = self._store.commit(plan)
        if following is not None:
            self._timers.announce([following], now=now)
        if made:
            log.info("occurrence.came", series_id=path.rsplit("/", 1)[1], done=made)

    def _arrived(
        self, timer: Stored, stored: Stored, now: datetime, *, careful: bool
    ) -> tuple[tuple[int, Timer | None], list[Write]]:
        # By the rule as it is, whatever was written of its next.
        series = settled(series_of(stored))
        turn = came(series, now, most=self._making.most_at_once(series))
        writes: list[Write] = [Change(stored, series_fields(series))]
        if turn is not None:
            series = turn.series
            writes = self._making.turned(stored, turn, by=SYSTEM_UID, careful=careful).writes
        following = occurrence_timer(series)
        if following is None:
            return (0, None), [*writes, Remove(timer)]
        made = len(turn.makes) if turn is not None else 0
        return (made, following), [*writes, setting_anew(timer, following, now=now)]


class OccurrenceRepair:
    """
    Sets timers anew that a series should have and has not: after a restored backup, say, or since
    nobody could read it as its time came.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, *, grace: timedelta
    ) -> None:
        """Look at a series whose next occurrence is late by more than `grace`."""
        self._store = store
        self._clock = clock
        self._timers = timers
        self._grace = grace

    def run(self) -> int:
        """Look at those that are late longest, in all workspaces; return how many had none."""
        now = self._clock.now()
        late = self._store.find(
            Query(
                "series",
                limit=REPAIRED_AT_ONCE,
                where=(
                    Where("catchUp", "==", CatchUp.ALL.value),
                    Where("nextAt", "<=", now - self._grace),
                ),
                order_by=("nextAt",),
                group=True,
            )
        )
        return sum(self._mended(stored, now) for stored in late)

    def _mended(self, stored: Stored, now: datetime) -> bool:
        timer = self._lost(stored)
        if timer is None:
            return False

        def plan() -> tuple[bool, list[Write]]:
            there, again = self._store.get_all([timer_path(timer.id), stored.path])
            is_set = there is not None and not is_given_up(there)
            if is_set or again is None or self._lost(again) != timer:
                return False, []
            return True, [setting(timer, now=now), Unchanged(again)]

        is_set = self._store.commit(plan)
        if is_set:
            self._timers.announce([timer], now=now)
            log.warning("series.timer_was_lost", series_id=stored.id)
        return is_set

    def _lost(self, stored: Stored) -> Timer | None:
        try:
            series: Series = series_of(stored)
        except DataLoss as error:
            log.exception("series.unreadable", series_id=stored.id, detail=error.detail)
            return None
        return occurrence_timer(series)
