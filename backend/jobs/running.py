"""
Working at runs, a step at a time, however often the worker dies.

A step acts under ids of its own; then one commit writes how far the run is. Between steps a run
can be called off: its timer is withdrawn, or its document says that it has ended.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.jobs.documents import job_of, job_path, run_fields, run_of, run_path
from backend.jobs.handlers import Handlers, JobScope, Step, loaded
from backend.jobs.model import Job, JobRun, RunOutcome
from backend.jobs.queueing import end, moving
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.kit.errors import InvalidArgument, TaskFlowError
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.pace import paced
from backend.timers.service import TimerService

log = structlog.get_logger()

TIMED_OUT = "deadline-exceeded"
NO_HANDLER = "no-such-handler"


class JobsRunning:
    """Fires the timers of runs."""

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, handlers: Handlers
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._handlers = handlers

    def fire(self, alarm: Alarm) -> None:
        """Work at a run for some seconds; then let another job go on, or see it ended."""
        for pausing in paced(self._clock):
            if not self._go_on(alarm, pausing=pausing):
                return

    def _go_on(self, alarm: Alarm, *, pausing: bool) -> bool:
        """Do one step, or let the next job do it; False if there is nothing left to do."""
        now = self._clock.now()
        timer, stored, job = self._read(alarm)
        if timer is None or not is_due(timer, alarm, now):
            return False
        if stored is None or job is None or run_of(stored).has_ended:
            self._store.attempt([Remove(timer)])
            return False
        run = run_of(stored)
        if now - _began(run) >= timedelta(seconds=job_of(job).max_runtime_s):
            ended = run.ended(RunOutcome.TIMED_OUT, at=now, error=TIMED_OUT)
            return self._written(alarm, run, ended, again=None)
        if pausing:
            self._timers.again(timer, now)
            return False
        return self._step(alarm, run, job_of(job))

    def _step(self, alarm: Alarm, run: JobRun, job: Job) -> bool:
        try:
            step = self._stepped(run)
        except TaskFlowError as error:
            return self._failed(alarm, run, job, error)
        now = self._clock.now()
        after = run.progressed(items=step.items, cursor=step.cursor or {}, result=step.result)
        if step.cursor is None:
            after = after.ended(RunOutcome.DONE, at=now)
        return self._written(alarm, run, after, again=None)

    def _stepped(self, run: JobRun) -> Step:
        handler = self._handlers.find(run.handler, JobScope.of(run.workspace_id))
        if handler is None:  # Of an older or newer version than this one.
            raise InvalidArgument("There is no such handler.", code=NO_HANDLER)
        return handler.step(run, loaded(handler, run.arguments), run.cursor)

    def _failed(self, alarm: Alarm, run: JobRun, job: Job, error: TaskFlowError) -> bool:
        now = self._clock.now()
        if error.retryable and run.attempt <= job.retries:
            log.warning("job_run.retried", job_id=run.job_id, run_id=run.id, code=error.code)
            latest = _began(run) + timedelta(seconds=job.max_runtime_s)
            again = replace(run, attempt=run.attempt + 1, error=error.code)
            return self._written(alarm, run, again, again=min(now + run.back_off(), latest))
        ended = run.ended(RunOutcome.FAILED, at=now, error=error.code)
        return self._written(alarm, run, ended, again=None)

    def _written(
        self, alarm: Alarm, before: JobRun, after: JobRun, *, again: datetime | None
    ) -> bool:
        """Commit how far a run is, unless it was called off; say whether to go on at once."""
        now = self._clock.now()
        outbox = Outbox()

        def plan() -> tuple[bool, Sequence[Write]]:
            nonlocal outbox
            timer, stored, job = self._read(alarm)
            is_ours = timer is not None and is_due(timer, alarm, now)
            if timer is None or stored is None or not is_ours or run_of(stored) != before:
                # Called off, or written by another worker, or by us with the answer lost: look.
                return True, []
            outbox = Outbox()
            outbox.writes.append(Change(stored, run_fields(after)))
            if after.has_ended:
                outbox.writes.append(Remove(timer))
                self._end(job, after, outbox, now)
            elif again is not None:
                later = timer_of(timer).again(again)
                outbox.writes.append(setting_anew(timer, later, now=now))
                outbox.timers.append(later)
            return not after.has_ended and again is None, outbox.writes

        goes_on = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if after.has_ended and outbox.writes:
            log.info("job_run.ended", job_id=after.job_id, outcome=after.outcome.value)
        return goes_on

    def _end(self, stored: Stored | None, run: JobRun, outbox: Outbox, now: datetime) -> None:
        if stored is None:  # Deleted meanwhile, with all that waited.
            return
        job = job_of(stored)
        waiting = self._waiting(job, job.waiting[:1])
        if waiting == [None]:
            waiting = self._waiting(job, job.waiting)
        outbox.writes.append(moving(stored, end(job, run, waiting, outbox, now)))

    def _waiting(self, job: Job, run_ids: Sequence[str]) -> list[Stored | None]:
        if not run_ids:
            return []
        return [*self._store.get_all([run_path(job.id, each) for each in run_ids])]

    def _read(self, alarm: Alarm) -> tuple[Stored | None, Stored | None, Stored | None]:
        job_id, run_id = alarm.id_of("jobId"), alarm.id_of("runId")
        timer, run, job = self._store.get_all(
            [timer_path(alarm.timer_id), run_path(job_id, run_id), job_path(job_id)]
        )
        return timer, run, job


def _began(run: JobRun) -> datetime:
    return run.started_at or run.created_at
