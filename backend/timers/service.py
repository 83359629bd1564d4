"""Keeping the job queue in step with the timers."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.adapters.jobs import Job, Jobs
from backend.adapters.metrics import Metrics
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Change, Query, Stored, Where
from backend.kit.errors import Unavailable
from backend.timers.documents import timer_of, timer_path
from backend.timers.model import HORIZON, Timer, TimerState

log = structlog.get_logger()

BATCH = 400
HANDLER = "fire"


class TimerService:
    """
    The timers and their jobs.

    A timer document is the truth; a job is its alarm and may be lost, doubled or late.
    """

    def __init__(
        self, store: Store, clock: Clock, jobs: Jobs, metrics: Metrics, *, grace: timedelta
    ) -> None:
        """Take a timer that is late by more than `grace` for one that has lost its job."""
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._metrics = metrics
        self._grace = grace

    def announce(self, timers: Iterable[Timer], *, now: datetime) -> None:
        """
        Queue the jobs of timers that were just set and fire soon.

        A queue that does not answer fails nothing here: `repair` finds what it missed.
        """
        for timer in timers:
            if timer.state_at(now) is TimerState.PROMOTED:
                try:
                    self._jobs.enqueue(_job(timer))
                except Unavailable:
                    log.warning("timer.announcement_failed", timer_id=timer.id)

    def promote(self) -> int:
        """
        Queue the jobs of the timers that fire before the next promotions; return how many.

        Killed between queueing and marking, the next run queues them again under the same names.
        """
        now = self._clock.now()
        found = self._due(TimerState.WAITING, before=now + HORIZON)
        self._metrics.oldest_unannounced_timer(_lateness_s(found, now))
        for stored in found:
            self._jobs.enqueue(_job(timer_of(stored)))
        promoted = {"state": TimerState.PROMOTED.value}
        self._store.attempt([Change(stored, promoted) for stored in found])
        return len(found)

    def repair(self) -> int:
        """Queue new jobs for the timers whose first ones never came; return how many."""
        now = self._clock.now()
        found = self._due(TimerState.PROMOTED, before=now - self._grace)
        self._metrics.oldest_due_timer(_lateness_s(found, now))
        for stored in found:
            timer = timer_of(stored)
            self._jobs.enqueue(_job(timer, again=f"{now:%Y%m%dT%H%M%S}"))
            log.warning("timer.job_was_lost", timer_id=timer.id, kind=timer.kind.value)
        return len(found)

    def give_up(self, timer_id: str, reason: str) -> None:
        """Keep a timer that can never be fired as a record, out of the way of the others."""
        failed = {"state": TimerState.FAILED.value, "problem": reason}
        self._store.commit(lambda: (None, [Adjust(timer_path(timer_id), failed)]))
        log.error("timer.given_up", timer_id=timer_id, reason=reason)

    def _due(self, state: TimerState, *, before: datetime) -> list[Stored]:
        return self._store.find(
            Query(
                "timers",
                limit=BATCH,
                where=(Where("state", "==", state.value), Where("fireAt", "<=", before)),
                order_by=("fireAt",),
            )
        )


def _lateness_s(found: Sequence[Stored], now: datetime) -> float:
    """Return by how much the first of these timers, in order of their instants, is late."""
    return max(0.0, (now - timer_of(found[0]).fire_at).total_seconds()) if found else 0.0


def _job(timer: Timer, *, again: str = "") -> Job:
    # The instant is part of the key: a timer that was moved needs another job.
    return Job(
        handler=HANDLER,
        body={"timerId": timer.id, "kind": timer.kind.value, **timer.subject},
        key=f"{timer.id}:{timer.fire_at.isoformat()}:{timer.attempts}:{again}",
        at=timer.fire_at,
    )
