"""What tests of timers make and look at: documents of timers, queues that misbehave, clocks."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from threading import Barrier, Lock
from typing import Any

import requests

from backend.adapters.jobs import Job, Jobs
from backend.kit.clock import Clock
from backend.kit.errors import Unavailable
from backend.timers.alarm import Alarm
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from backend.timers.service import TimerService
from tests.api.world import World

BATCH = 500


def overdue_timer(*, at: datetime) -> Timer:
    """A timer of a task that is not there: firing it removes it, and does no more."""
    subject = {"workspaceId": "nobodys", "taskId": "nothing"}
    return Timer("overdue", TimerKind.OVERDUE, subject, at)


def push_timers(count: int, *, at: datetime) -> list[Timer]:
    """Timers t0, t1 and so on."""
    return [Timer(f"t{number}", TimerKind.PUSH, {}, at) for number in range(count)]


def put(world: World, timers: Iterable[Timer], state: TimerState = TimerState.PROMOTED) -> None:
    """Write timers as if they had been set before."""
    left = iter(timers)
    while some := list(islice(left, BATCH)):
        batch = world.database.batch()
        for timer in some:
            path = timer_path(timer.id)
            batch.set(world.database.document(path), timer_fields(timer, state))
        batch.commit()


def alarm_of(timer: Timer) -> Alarm:
    """What the job of a timer says."""
    return Alarm(timer.id, timer.subject, timer.generation)


def timers_of(
    world: World, *, queue: Jobs | None = None, clock: Clock | None = None
) -> TimerService:
    """The service of a world's timers, with another queue or clock."""
    ports = world.services.ports
    grace = timedelta(seconds=world.services.settings.repair_grace_s)
    return TimerService(
        ports.store, clock or ports.clock, queue or ports.jobs, ports.metrics, grace=grace
    )


def waiting_jobs(world: World) -> list[dict[str, Any]]:
    """What the queue still holds."""
    found = requests.get(f"{world.tasks.control_url}/control/tasks", timeout=30).json()
    return list(found["tasks"])


class Interrupting:
    """The world's queue; something else happens while the first job is handed over."""

    def __init__(self, world: World, interrupt: Callable[[], None]) -> None:
        self._jobs = world.services.ports.jobs
        self._interrupts = iter([interrupt])
        self._lock = Lock()

    def enqueue(self, job: Job) -> None:
        with self._lock:
            for interrupt in self._interrupts:
                interrupt()
        self._jobs.enqueue(job)

    def ping(self) -> None:
        self._jobs.ping()


class Refusing:
    """The world's queue, which does not answer about some timers. `taken` counts the others."""

    def __init__(self, world: World, *, refused: set[str]) -> None:
        self._jobs = world.services.ports.jobs
        self._lock = Lock()
        self.refused = refused
        self.taken: Counter[str] = Counter()

    def enqueue(self, job: Job) -> None:
        if job.body["timerId"] in self.refused:
            raise Unavailable("The job queue did not answer.")
        self._jobs.enqueue(job)
        with self._lock:
            self.taken[job.body["timerId"]] += 1

    def ping(self) -> None:
        self._jobs.ping()


class Silent:
    """A queue that never answers, and counts how often it was asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.asked = 0

    def enqueue(self, job: Job) -> None:
        with self._lock:
            self.asked += 1
        raise Unavailable("The job queue did not answer.")

    def ping(self) -> None:
        raise Unavailable("The job queue did not answer.")


class InPairs:
    """The world's queue, which takes a job only while another one is handed over."""

    def __init__(self, world: World) -> None:
        self._jobs = world.services.ports.jobs
        self._both = Barrier(2, timeout=30)

    def enqueue(self, job: Job) -> None:
        self._both.wait()
        self._jobs.enqueue(job)

    def ping(self) -> None:
        self._jobs.ping()


class PausingClock:
    """A clock whose pauses pass at once."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._at.timestamp()

    def pause(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


class Hearing:
    """A handler that remembers when it was called."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.at: list[datetime] = []

    def fire(self, alarm: Alarm) -> None:
        self.at.append(self._clock.now())
