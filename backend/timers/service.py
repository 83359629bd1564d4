"""Keeping the job queue in step with the timers."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.adapters.jobs import Job, Jobs
from backend.adapters.metrics import Metrics
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Stored, Where, Write
from backend.kit.errors import DataLoss, Unavailable
from backend.timers.alarm import Alarm
from backend.timers.documents import is_meant, setting_anew, timer_of, timer_path
from backend.timers.handing_over import AT_ONCE, handed_over
from backend.timers.model import HORIZON, Timer, TimerState

log = structlog.get_logger()

# So many are found by one query, and so many marked by one commit.
PAGE = 2000
BATCH = 400
# A tick that finds more than it can hand over in this time leaves the rest to the next one.
GOES_ON_S = 50.0
# By how much a worker's clock may be behind the queue's.
SKEW = timedelta(seconds=2)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
HANDLER = "fire"
GENERATION = "timerGeneration"
# A late timer is repaired each time its lateness has doubled, and from an hour on each hour.
LONGEST_GRACE = timedelta(hours=1)


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

        A queue that does not answer fails nothing here: `repair` finds what it missed. One that
        has taken none of sixteen is not asked again, since whoever calls would wait each time.
        """
        soon = [timer for timer in timers if timer.state_at(now) is TimerState.PROMOTED]
        for first in range(0, len(soon), AT_ONCE):
            some = soon[first : first + AT_ONCE]
            problems = handed_over(self._jobs, [_announced(timer, now) for timer in some])
            for timer, problem in zip(some, problems, strict=True):
                if isinstance(problem, Unavailable):
                    log.warning("timer.announcement_failed", timer_id=timer.id)
                elif problem is not None:
                    raise problem
            if all(problems):
                return

    def again(self, stored: Stored, at: datetime) -> None:
        """Let a timer fire once more, at an instant, unless it has been set anew meanwhile."""
        now, later = self._clock.now(), timer_of(stored).again(at)
        if self._store.attempt([setting_anew(stored, later, now=now)]):
            self.announce([later], now=now)

    def promote(self) -> int:
        """
        Queue the jobs of the timers that fire before the next promotions; return how many.

        Each of them is read once and written once, 400 in a commit, and nothing else is. Killed
        between queueing and marking, the next run queues them again under the same names.

        Raises:
            Unavailable: the queue, or Firestore, did not answer; the next run goes on.
        """
        now, promoted = self._clock.now(), 0
        for batch in self._batches(TimerState.WAITING, before=now + HORIZON):
            if not promoted:
                self._metrics.oldest_unannounced_timer(_lateness_s(batch.timers, now))
            queued, problem = self._queue(batch.timers)
            self._mark([stored for stored in batch.documents if stored.id in queued])
            promoted += len(queued)
            if problem is not None:
                raise problem
        return promoted

    def repair(self) -> int:
        """
        Queue new jobs for the timers whose first ones never came; return how many.

        A timer that stays late is given more of them at intervals that grow to an hour, so that
        a worker that stood still for long does not find a heap.

        Raises:
            Unavailable: the queue, or Firestore, did not answer; the next run goes on.
        """
        now, repaired = self._clock.now(), 0
        for batch in self._batches(TimerState.PROMOTED, before=now - self._grace):
            if not repaired:
                self._metrics.oldest_due_timer(_lateness_s(batch.timers, now))
            queued, problem = self._queue(batch.timers, late_at=now)
            for timer in batch.timers:
                log.warning("timer.job_was_lost", timer_id=timer.id, kind=timer.kind.value)
            repaired += len(queued)
            if problem is not None:
                raise problem
        return repaired

    def wait_for(self, alarm: Alarm) -> None:
        """Let a job that is early by no more than clocks differ wait, not come for nothing."""
        early = (alarm.due_at or BEGINNING) - self._clock.now()
        if timedelta(0) < early <= SKEW:
            self._clock.pause(early.total_seconds())

    def give_up(self, alarm: Alarm, reason: str) -> None:
        """Keep a timer that can never be fired as a record, out of the way of the others."""
        failed = {"state": TimerState.FAILED.value, "problem": reason}

        def plan() -> tuple[bool, list[Write]]:
            stored = self._store.get(timer_path(alarm.timer_id))
            if stored is None or not _is_to_go(stored, alarm):
                return False, []
            return True, [Change(stored, failed)]

        if self._store.commit(plan):
            log.error("timer.given_up", timer_id=alarm.timer_id, reason=reason)

    def _queue(
        self, timers: Sequence[Timer], *, late_at: datetime | None = None
    ) -> tuple[set[str], Exception | None]:
        """Return the ids of those whose jobs are queued, and what was wrong with another one."""
        jobs = [_job(each, again=self._turn(each, late_at)) for each in timers]
        problems = handed_over(self._jobs, jobs)
        queued = {timer.id for timer, problem in zip(timers, problems, strict=True) if not problem}
        return queued, next(filter(None, problems), None)

    def _turn(self, timer: Timer, late_at: datetime | None) -> str:
        """Return what names the repair that a timer is in for, which its next has another of."""
        if late_at is None:
            return ""
        late = late_at - timer.fire_at
        doublings = int(math.log2(max(1.0, min(late, LONGEST_GRACE) / self._grace)))
        return f"{doublings}-{late // LONGEST_GRACE}"

    def _mark(self, queued: Sequence[Stored]) -> None:
        """Mark timers as promoted, but for those that were moved or withdrawn meanwhile."""
        promoted = {"state": TimerState.PROMOTED.value}
        if self._store.attempt([Change(stored, promoted) for stored in queued]):
            return
        latest = self._store.get_all([stored.path for stored in queued])
        as_before = [
            seen
            for seen, now in zip(queued, latest, strict=True)
            if now is not None and now.updated_at == seen.updated_at
        ]
        self._store.attempt([Change(stored, promoted) for stored in as_before])

    def _batches(self, state: TimerState, *, before: datetime) -> Iterator["_Batch"]:
        """Find the timers of a state up to an instant, the first ones first, while time is left."""
        ends_at = self._clock.monotonic() + GOES_ON_S
        after: tuple[Any, ...] | None = None
        while after is None or self._clock.monotonic() < ends_at:
            found = self._store.find(
                Query(
                    "timers",
                    limit=PAGE,
                    where=(Where("state", "==", state.value), Where("fireAt", "<=", before)),
                    order_by=("fireAt",),
                    after=after,
                )
            )
            for first in range(0, max(1, len(found)), BATCH):
                batch = found[first : first + BATCH]
                yield _Batch(batch, readable(batch))
            if len(found) < PAGE:
                return
            after = (found[-1].fields["fireAt"], found[-1].path)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Documents of timers, and what could be read of them."""

    documents: list[Stored]
    timers: list[Timer]


def readable(found: Sequence[Stored]) -> list[Timer]:
    """Read timers; one that a newer version has set, or nobody can read, keeps no other waiting."""
    timers = []
    for stored in found:
        try:
            timers.append(timer_of(stored))
        except DataLoss as error:
            log.exception("timer.unreadable", timer_id=stored.id, detail=error.detail)
    return timers


def _is_to_go(stored: Stored, alarm: Alarm) -> bool:
    try:
        return is_meant(stored, alarm)
    except DataLoss:  # The timer itself is what cannot be read.
        return True


def alarm_body(timer: Timer) -> dict[str, str]:
    """Return what the job of a timer says: ids, and which setting of the timer it is for."""
    return {
        **timer.subject,
        "timerId": timer.id,
        "kind": timer.kind.value,
        GENERATION: timer.generation,
    }


def _lateness_s(timers: Sequence[Timer], now: datetime) -> float:
    """Return by how much the first of these timers, in order of their instants, is late."""
    return max(0.0, (now - timers[0].fire_at).total_seconds()) if timers else 0.0


def _announced(timer: Timer, now: datetime) -> Job:
    # Where its instant has come, a job of its name may have come then, and found the timer
    # withdrawn; and the queue takes no name twice.
    return _job(timer, again=now.isoformat() if timer.fire_at <= now else "")


def _job(timer: Timer, *, again: str = "") -> Job:
    # The generation is part of the key: a timer that was moved needs another job.
    return Job(
        handler=HANDLER,
        body=alarm_body(timer),
        key=f"{timer.id}:{timer.generation}:{again}",
        at=timer.fire_at,
    )
