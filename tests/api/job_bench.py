"""A bench for jobs: our own handlers behind the real engine, store and timers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from marshmallow import fields

from backend.adapters.firestore import Store
from backend.adapters.jobs import Job as QueuedJob
from backend.bootstrap.foundation import lay_foundation
from backend.jobs.documents import run_of
from backend.jobs.firing import JobsDue
from backend.jobs.handlers import Handlers, JobScope, Step
from backend.jobs.keeping import Keeper
from backend.jobs.model import CatchUp, Job, JobRun, Overlap
from backend.jobs.running import JobsRunning
from backend.jobs.schedule import ScheduleKind
from backend.jobs.service import JobService
from backend.jobs.triggering import JobTriggering
from backend.kit.actor import Actor
from backend.kit.documents import Stored
from backend.timers.firing import Firing
from backend.timers.model import TimerKind
from backend.timers.service import TimerService
from backend.web.schemas import CamelSchema, Whole
from tests.api.world import World

MINUTE = timedelta(minutes=1)
DAILY = {"kind": ScheduleKind.CRON, "expression": "0 9 * * *", "tz": "UTC"}
IN_A_DAY = {"kind": ScheduleKind.INTERVAL, "every_minutes": 24 * 60}  # From now, at any hour.
QUARTERS = {"kind": ScheduleKind.CRON, "expression": "*/15 * * * *", "tz": "UTC"}
MANNERS: dict[str, Any] = {
    "name": "Bench",
    "handler": "bench",
    "arguments": {},
    "overlap": Overlap.SKIP,
    "max_runtime_s": 600,
    "retries": 2,
    "catch_up": CatchUp.LATEST,
}


class BenchArguments(CamelSchema):
    """How many steps it takes."""

    steps = Whole(load_default=1)
    note = fields.String(load_default="")


@dataclass
class BenchHandler:
    """Counts its steps; `act` is what a test has it do in each."""

    act: Callable[[JobRun, int], None] = lambda _run, _step: None
    done: list[tuple[str, int]] = field(default_factory=list)
    name: str = "bench"
    scope: JobScope = JobScope.WORKSPACE
    arguments: BenchArguments = field(default_factory=BenchArguments)

    def step(self, run: JobRun, arguments: Mapping[str, Any], cursor: Mapping[str, Any]) -> Step:
        """One item a step."""
        number = cursor.get("step", 0)
        self.act(run, number)
        self.done.append((run.id, number))
        is_last = number + 1 >= arguments["steps"]
        return Step(1, None if is_last else {"step": number + 1}, {"reached": number + 1})


class Queue:
    """`Jobs` that are kept until the bench delivers them."""

    def __init__(self) -> None:
        self.jobs: dict[str, QueuedJob] = {}

    def enqueue(self, job: QueuedJob) -> None:
        """Keep a job; one of its key is the same."""
        self.jobs.setdefault(job.key, job)

    def ping(self) -> None:
        """Return."""


class JobBench:
    """Jobs of one owner, fired from a queue of their own."""

    def __init__(
        self, world: World, store: Store | None = None, other: "JobBench | None" = None
    ) -> None:
        """Take the handler and the queue of another bench: a second worker at the same jobs."""
        self.world, self.clock = world, world.clock
        ports, settings = world.services.ports, world.services.settings
        self.handler = other.handler if other else BenchHandler()
        self.queue = other.queue if other else Queue()
        self.store = store or ports.store
        base = lay_foundation(settings, ports)
        self.timers = TimerService(
            self.store, self.clock, self.queue, ports.metrics, grace=timedelta(minutes=2)
        )
        handlers = Handlers([self.handler])
        self.service = JobService(
            self.store,
            self.clock,
            self.timers,
            base.workspaces,
            base.tokens,
            base.offers,
            handlers,
        )
        self.triggering = JobTriggering(self.store, self.clock, self.timers, base.tokens)
        self.firing = Firing(
            self.timers,
            {
                TimerKind.JOB: JobsDue(self.store, self.clock, self.timers),
                TimerKind.JOB_RUN: JobsRunning(self.store, self.clock, self.timers, handlers),
            },
        )
        uid = f"olga-{world.project_id[5:]}"
        self.keeper = Keeper(Actor(uid), uid)

    def job(self, schedule: Mapping[str, Any] = DAILY, **manners: Any) -> Job:
        """Set up a job."""
        return self.service.create(self.keeper, {**MANNERS, **manners, "schedule": schedule}).value

    def now(self, job: Job) -> Job:
        """The job as it is now."""
        return self.service.get(self.keeper, job.id)

    def runs(self, job: Job) -> list[JobRun]:
        """Its runs, those of the first slots first."""
        found = self.world.database.collection(f"jobs/{job.id}/runs").stream()
        runs = [
            run_of(Stored(each.reference.path, each.to_dict(), self.clock.now())) for each in found
        ]
        return sorted(runs, key=lambda run: (run.slot, run.id))

    def outcomes(self, job: Job) -> list[str]:
        """How its runs ended, or that they have not."""
        return [run.outcome.value for run in self.runs(job)]

    def deliver(self, *, times: int = 1) -> int:
        """Deliver every job that is due, each so many times, until none is; return how many."""
        delivered = 0
        for _ in range(1000):
            due = [
                (key, job)
                for key, job in self.queue.jobs.items()
                if job.at is not None and job.at <= self.clock.now()
            ]
            if not due:
                return delivered
            for key, job in due:
                del self.queue.jobs[key]
                for _ in range(times):
                    self.fire(job.body)
                delivered += 1
        raise AssertionError("jobs kept coming")

    def fire(self, body: Mapping[str, str]) -> None:
        """Deliver one job, unless it is a kind of others."""
        if body["kind"] in (TimerKind.JOB.value, TimerKind.JOB_RUN.value):
            self.firing.fire(body)

    def pass_time(self, by: timedelta, *, times: int = 1) -> None:
        """Let time pass, and what falls due in it happen: each minute what is due in it."""
        until = self.clock.now() + by
        while True:
            self.timers.promote()
            self.timers.repair()
            self.deliver(times=times)
            if self.clock.now() >= until:
                return
            self.clock.advance(min(MINUTE, until - self.clock.now()))

    def down_for(self, by: timedelta) -> None:
        """Let time pass while nothing runs at all; then everything wakes."""
        self.clock.advance(by)
        self.pass_time(timedelta(0))
