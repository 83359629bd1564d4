"""A scheduled job and its runs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.jobs.schedule import Schedule
from backend.kit.actor import SYSTEM_UID
from backend.kit.errors import FailedPrecondition, Stale
from backend.kit.ids import derived_id

MOST_JOBS = 20  # Of a workspace.
MOST_PLATFORM_JOBS = 100
MOST_WAITING = 200  # Runs of one job that wait for their turn.
SHOWN_SLOTS = 5
MAX_NAME = 100
MAX_RETRIES = 5
LEAST_RUNTIME_S, MOST_RUNTIME_S = 60, 6 * 3600
RUNS_KEPT_FOR = timedelta(days=90)
FIRST_BACK_OFF, LONGEST_BACK_OFF = timedelta(minutes=1), timedelta(hours=1)


class JobState(StrEnum):
    """Whether a job runs by its schedule. A paused one can still be run by hand."""

    ACTIVE = "active"
    PAUSED = "paused"


class Overlap(StrEnum):
    """What becomes of a run whose time comes while another one of the job goes on."""

    SKIP = "skip"  # It is recorded as skipped.
    QUEUE = "queue"  # It waits until the other one has ended.
    REPLACE = "replace"  # The other one ends after its present step.


class CatchUp(StrEnum):
    """What becomes of slots that passed while nothing could run, by more than `LATE_AFTER`."""

    LATEST = "latest"  # The last of them is run, the others are recorded as missed.
    ALL = "all"  # Each of them is run, one after the other.
    SKIP = "skip"  # Each of them is recorded as missed.


class RunOutcome(StrEnum):
    """How a run ended, or that it has not."""

    RUNNING = "running"
    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    REPLACED = "replaced"
    TIMED_OUT = "timedOut"
    MISSED = "missed"


# What somebody should look at; see `timers.alert_timer`.
ALARMING = frozenset({RunOutcome.FAILED, RunOutcome.TIMED_OUT, RunOutcome.MISSED})
NOT_ENDED = frozenset({RunOutcome.RUNNING, RunOutcome.QUEUED})
# Nothing was done for these slots, so a back-fill may do it.
NOT_RUN = frozenset({RunOutcome.SKIPPED, RunOutcome.MISSED})

SCHEDULED = "schedule"


@dataclass(frozen=True, slots=True)
class JobRun:
    """
    `jobs/{j}/runs/{r}`: one run of a job.

    `slot` is the instant it is for, and its id follows from that: a slot has one run. `by` is on
    whose behalf it acts (`system` for what is built in); `triggered_by` is "schedule", or the uid
    of who ran it or filled it in. `arguments` are the JSON it was started with, whatever the job
    says since. `cursor` is the handler's business; `result` is shown. `attempt` counts from 1.
    `missed_until`: all slots from `slot` up to that one were missed, and this is their record. It
    stays so where the run of `slot` itself is made up for: by that, the others are not.
    """

    id: str
    job_id: str
    workspace_id: str | None
    handler: str
    arguments: Mapping[str, Any] = field(repr=False)
    slot: datetime
    outcome: RunOutcome
    triggered_by: str
    by: str
    created_at: datetime
    expire_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    items: int = 0
    cursor: Mapping[str, Any] = field(default_factory=dict, repr=False)
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str | None = None
    attempt: int = 1
    missed_until: datetime | None = None

    @property
    def is_alarming(self) -> bool:
        """Whether somebody should look at how it ended."""
        return self.outcome in ALARMING

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.outcome not in NOT_ENDED

    def started(self, *, at: datetime) -> "JobRun":
        """Return it at work."""
        return replace(self, outcome=RunOutcome.RUNNING, started_at=at)

    def ended(self, outcome: RunOutcome, *, at: datetime, error: str | None = None) -> "JobRun":
        """Return it ended; what it did until then stays with it."""
        until = at + RUNS_KEPT_FOR
        return replace(self, outcome=outcome, ended_at=at, error=error, cursor={}, expire_at=until)

    def progressed(
        self, *, items: int, cursor: Mapping[str, Any], result: Mapping[str, Any]
    ) -> "JobRun":
        """Return it a step further, by so many items."""
        return replace(self, items=self.items + items, cursor=cursor, result=result)

    def back_off(self) -> timedelta:
        """Return how long to wait before the attempt after this one: 1, 2, 4 minutes, up to 1 h."""
        return min(LONGEST_BACK_OFF, FIRST_BACK_OFF * (1 << (self.attempt - 1)))


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the run of a job that ended last went."""

    run_id: str
    slot: datetime
    outcome: RunOutcome
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, run: JobRun) -> "LastRun":
        """Return what a job remembers of a run."""
        return cls(run.id, run.slot, run.outcome, run.started_at, run.ended_at)


@dataclass(frozen=True, slots=True)
class Job:
    """
    `jobs/{j}`: what is run, and when. Of a workspace, or of the platform (None).

    `next_run_at` is the first slot that was not looked at yet: None while paused, or when nothing
    comes any more. `current` is the id of the run at work, `waiting` those of the runs after it,
    in their order. `by` is who set it up last, on whose behalf it runs. `rev` counts what people
    changed, not what the schedule moved.
    """

    id: str
    workspace_id: str | None
    name: str
    handler: str
    arguments: Mapping[str, Any] = field(repr=False)
    schedule: Schedule
    overlap: Overlap
    max_runtime_s: int
    retries: int
    catch_up: CatchUp
    state: JobState
    is_built_in: bool
    next_run_at: datetime | None
    current: str | None
    waiting: tuple[str, ...]
    last_run: LastRun | None
    by: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    rev: int

    @property
    def is_paused(self) -> bool:
        """Whether its schedule is not looked at."""
        return self.state is JobState.PAUSED

    @property
    def waiting_runs(self) -> int:
        """How many runs wait behind the one at work."""
        return len(self.waiting)

    @property
    def next_runs(self) -> list[datetime]:
        """The next slots, five at the most; none while it is paused."""
        if self.next_run_at is None:
            return []
        return [self.next_run_at, *self.schedule.next(self.next_run_at, SHOWN_SLOTS - 1)]

    def must_be_at(self, rev: int | None) -> None:
        """
        Return if the job is at the revision that a caller expects, or they expect none.

        Raises:
            Stale: somebody has changed it since.
        """
        if rev is not None and rev != self.rev:
            raise Stale("Somebody has changed this job since.", current=self)

    def changed(self, *, by: str, at: datetime, **changes: Any) -> "Job":
        """Return it with what somebody changed; its next slot follows the schedule from now on."""
        changed = replace(self, **changes)
        if changed == self:
            return self
        acting = changed.by if by == SYSTEM_UID or changed.is_built_in else by
        changed = replace(changed, by=acting, updated_at=at, rev=self.rev + 1)
        if changed.schedule != self.schedule or changed.state is not self.state:
            changed = replace(changed, next_run_at=changed.next_after(at))
        return changed

    def next_after(self, at: datetime) -> datetime | None:
        """Return its first slot after an instant; None while paused, or if none comes."""
        return None if self.is_paused else self.schedule.after(at)

    def paused(self, *, by: str, at: datetime) -> "Job":
        """Return it paused. What is at work goes on."""
        return self.changed(by=by, at=at, state=JobState.PAUSED)

    def resumed(self, *, by: str, at: datetime) -> "Job":
        """Return it active again. What would have run meanwhile was not missed: it was paused."""
        return self.changed(by=by, at=at, state=JobState.ACTIVE)

    def must_not_be_built_in(self) -> None:
        """
        Return if the job was made by somebody.

        Raises:
            FailedPrecondition: it belongs to TaskFlow itself; it can be paused.
        """
        if self.is_built_in:
            raise FailedPrecondition("A built-in job cannot be deleted. Pause it.")


def job_timer_id(job_id: str) -> str:
    """Return the id of the timer that fires at a job's next slot."""
    return derived_id("job", job_id)


def run_timer_id(job_id: str, run_id: str) -> str:
    """Return the id of the timer that works at a run."""
    return derived_id("jobRun", job_id, run_id)


def slot_id(slot: datetime) -> str:
    """Return the id of the run of a slot: its minute in UTC, `20261123T0800Z`."""
    return f"{slot:%Y%m%dT%H%MZ}"
