"""What a job's timer does: the slots that have come are run, lined up, or recorded as missed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.jobs.documents import job_of, job_path, run_path
from backend.jobs.model import (
    MOST_WAITING,
    SCHEDULED,
    CatchUp,
    Job,
    RunOutcome,
    run_timer_id,
    slot_id,
)
from backend.jobs.queueing import begin, line_up, moving, new_run, note
from backend.jobs.schedule import LATE_AFTER
from backend.jobs.timers import alert_timer, job_timer, plan_next, run_timer
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.timers.documents import is_due, is_given_up, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

MOST_AT_ONCE = 50  # Slots caught up in one commit; the timer fires again for more.
MOST_RECORDS = 20  # Missed slots with a record each; more of them share one.
FULL_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Due:
    """
    What becomes of the slots that have come, and from which instant on to look for the next.

    `late` ones wait in line, `on_time` obeys the job's overlap, `missed` are recorded: each with
    the last slot that its record stands for, or None where it stands for itself.
    """

    on_time: datetime | None
    late: tuple[datetime, ...]
    missed: tuple[tuple[datetime, datetime | None], ...]
    until: datetime

    @property
    def slots(self) -> list[datetime]:
        """Every slot that gets a record, the missed ones first."""
        own = [*self.late, *([self.on_time] if self.on_time else [])]
        return [*(slot for slot, _ in self.missed), *own]


def due(job: Job, first: datetime, now: datetime) -> Due:
    """Return what becomes of a job's slots from `first` up to now, by its catch-up policy."""
    last = job.schedule.last(first, now)
    on_time = last if now - last <= LATE_AFTER else None
    if job.catch_up is CatchUp.ALL:
        room = max(0, min(MOST_AT_ONCE, MOST_WAITING - len(job.waiting)))
        slots = [slot for slot in _from(job, first, room) if slot <= last]
        if slots and slots[-1] == on_time:
            return Due(on_time, tuple(slots[:-1]), (), on_time)
        return Due(None, tuple(slots), (), slots[-1] if slots else first - FULL_FOR)
    if job.catch_up is CatchUp.SKIP and on_time is None:
        return Due(None, (), _missed(job, first, last), last)
    before = () if first == last else _missed(job, first, _before(job, first, last))
    return Due(last, (), before, last)


class JobsDue:
    """Fires the timers of jobs. One commit does it and sets the timer of the next slot."""

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Look at the slots of a job that have come."""
        now = self._clock.now()
        job_id, outbox = alarm.id_of("jobId"), Outbox()

        def plan() -> tuple[None, Sequence[Write]]:
            nonlocal outbox
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), job_path(job_id)])
            if timer is None or not is_due(timer, alarm, now):
                return None, []
            job = job_of(stored) if stored else None
            if stored is None or job is None or job.next_run_at is None:
                return None, [Remove(timer)]
            outbox = Outbox()
            moved = self._moved(job, outbox, now)
            if job.current is not None and moved.current == job.current:
                self._keep_going(job, job.current, outbox, now)
            return None, [moving(stored, moved), *outbox.writes]

        self._store.commit(plan)
        # Also where a plan ran again and found its own commit, whose answer was lost.
        self._timers.announce(outbox.timers, now=now)

    def _keep_going(self, job: Job, run_id: str, outbox: Outbox, now: datetime) -> None:
        """Set the timer of the run at work anew where it is lost: else all wait for it for ever."""
        standing = self._store.get(timer_path(run_timer_id(job.id, run_id)))
        if standing is None or is_given_up(standing):
            log.warning("job_run.timer_was_lost", job_id=job.id, run_id=run_id)
            outbox.set(run_timer(job, run_id, now), now)

    def _moved(self, job: Job, outbox: Outbox, now: datetime) -> Job:
        first = job.next_run_at
        if first is None or first > now:  # The schedule was changed, and its timer set anew.
            plan_next(job, outbox, now)
            return job
        found = due(job, first, now)
        if not found.slots:  # Too many wait already; these come when some of them are done.
            outbox.set(job_timer(job, now + FULL_FOR), now)
            return job
        job = self._recorded(job, found, outbox, now)
        job = replace(job, next_run_at=job.next_after(found.until))
        plan_next(job, outbox, now)
        return job

    def _recorded(self, job: Job, found: Due, outbox: Outbox, now: datetime) -> Job:
        """Write the runs of slots that have none: a back-fill may have been there before."""
        slots = found.slots
        paths = [run_path(job.id, slot_id(slot)) for slot in slots]
        there = {slot for slot, run in zip(slots, self._store.get_all(paths), strict=True) if run}
        for slot, until in found.missed:
            if slot not in there:
                run = new_run(job, slot, at=now, triggered_by=SCHEDULED)
                missed = replace(run, missed_until=until).ended(RunOutcome.MISSED, at=now)
                note(missed, outbox)
                outbox.set(alert_timer(missed, now), now)
        for slot in found.late:
            if slot not in there:
                run = new_run(job, slot, at=now, triggered_by=SCHEDULED)
                job = line_up(job, run, outbox, now)
        if found.on_time is not None and found.on_time not in there:
            run = new_run(job, found.on_time, at=now, triggered_by=SCHEDULED)
            job = begin(job, run, outbox, now)
        if found.missed:
            log.warning("job.slots_missed", job_id=job.id, missed=len(found.missed))
        return job


def _from(job: Job, first: datetime, most: int) -> list[datetime]:
    """Return the slots from `first` on, that one included, so many at the most."""
    return [first, *job.schedule.next(first, most - 1)] if most > 0 else []


def _before(job: Job, first: datetime, last: datetime) -> datetime:
    return job.schedule.last(first, last - timedelta(minutes=1))


def _missed(
    job: Job, first: datetime, last: datetime
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return the records of the slots from `first` to `last`: one each, or one for them all."""
    slots = _from(job, first, MOST_RECORDS + 1)
    if len(slots) > MOST_RECORDS and slots[-1] <= last:
        return ((first, last),)
    return tuple((slot, None) for slot in slots if slot <= last)
