"""
What the ticks cost with 1,000 open timers and with 100,000, of which as many are due.

`python -m bench.timers`: what Firestore is asked travels, as calls and as documents read and
written. The milliseconds do not: the emulator has no indexes, and looks through the collection. It
takes some minutes, most of them to write the timers.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from google.cloud import firestore

from backend.adapters.firestore import Store, Usage, metered
from backend.adapters.jobs import CloudTasksJobs
from backend.adapters.metrics import Metrics
from backend.kit.clock import SystemClock
from backend.kit.errors import Unavailable
from backend.settings import Settings
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from backend.timers.service import TimerService
from local.cloudtasks import CloudTasksStandIn
from local.private_suite import private_suite

PROJECT_ID = "demo-bench"
QUEUE = f"projects/{PROJECT_ID}/locations/here/queues/jobs"
OPEN = (1_000, 100_000)
DUE, ROUNDS, BATCH, ATTEMPTS = 50, 5, 500, 20
# Nothing comes due while it runs but what is meant to.
FIRST, EVERY = timedelta(days=1), timedelta(minutes=5)


class Bench:
    """The timers of a project, and their ticks."""

    def __init__(self, jobs_address: str) -> None:
        self._clock = SystemClock()
        settings = Settings(
            project_id=PROJECT_ID,
            worker_url="http://127.0.0.1:9",
            worker_service_account=f"jobs@{PROJECT_ID}.iam.gserviceaccount.com",
            signing_secret="",
            jobs_emulator_host=jobs_address,
            jobs_location="here",
        )
        self._store = Store(PROJECT_ID, self._clock, emulated=True)
        jobs, grace = CloudTasksJobs(settings), timedelta(seconds=settings.repair_grace_s)
        self._timers = TimerService(self._store, self._clock, jobs, Metrics(), grace=grace)
        self._client: firestore.Client = self._store._client  # noqa: SLF001 - writes in bulk.
        self._open = 0

    def grow_to(self, count: int) -> None:
        """Have so many timers that are far ahead."""
        begins_at = self._clock.now() + FIRST
        while self._open < count:
            numbers = range(self._open, min(count, self._open + BATCH))
            self._write([_timer(f"far{n}", begins_at + n * EVERY) for n in numbers])
            self._open += len(numbers)

    def measured(self) -> dict[str, tuple[float, Usage]]:
        """Return the median of milliseconds, and what Firestore was asked, for each tick."""
        ticks: dict[str, Callable[[], tuple[float, Usage]]] = {
            "promote, nothing due": partial(_timed, self._timers.promote),
            f"promote, {DUE} due": self._promoting,
            "repair, nothing late": partial(_timed, self._timers.repair),
        }
        found: dict[str, list[tuple[float, Usage]]] = {name: [] for name in ticks}
        for _ in range(ROUNDS):
            for name, tick in ticks.items():
                found[name].append(tick())
        return {
            name: (statistics.median(ms for ms, _ in rounds), rounds[-1][1])
            for name, rounds in found.items()
        }

    def _promoting(self) -> tuple[float, Usage]:
        soon = self._clock.now() + timedelta(minutes=2)
        timers = [_timer(f"due{number}", soon) for number in range(DUE)]
        self._write(timers)
        measured = _timed(self._timers.promote)
        batch = self._client.batch()
        for timer in timers:
            batch.delete(self._client.document(timer_path(timer.id)))
        batch.commit()
        return measured

    def _write(self, timers: list[Timer]) -> None:
        batch = self._client.batch()
        for timer in timers:
            fields = timer_fields(timer, TimerState.WAITING)
            batch.set(self._client.document(timer_path(timer.id)), dict(fields))
        batch.commit()


def main() -> None:
    """Print what each tick costs with few timers, with many, and the ratio of both."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or OPEN
    with (
        private_suite(PROJECT_ID, only=("firestore",)) as suite,
        CloudTasksStandIn(queues=[QUEUE]) as tasks,
    ):
        os.environ["FIRESTORE_EMULATOR_HOST"] = suite.firestore_host
        bench, found = Bench(tasks.address), []
        for size in sizes:
            bench.grow_to(size)
            found.append(bench.measured())
    for number, size in enumerate(sizes):
        print(f"{size:,} open timers")
        for name, (ms, asked) in found[number].items():
            least = found[0][name][1]
            ratio = (asked.reads + asked.writes) / (least.reads + least.writes)
            print(
                f"  {name:22} {asked.rpcs:3} calls {asked.reads:4} reads {asked.writes:4} writes"
                f" {ratio:6.2f} x {ms:8.1f} ms"
            )


def _timer(timer_id: str, at: datetime) -> Timer:
    return Timer(timer_id, TimerKind.DUE_SOON, {"workspaceId": "w", "taskId": timer_id}, at)


def _timed(tick: Callable[[], int]) -> tuple[float, Usage]:
    for _ in range(ATTEMPTS):
        began = time.perf_counter()
        with metered() as usage:
            try:
                tick()
            except Unavailable:  # A busy machine: look again, as the next tick would.
                continue
        return (time.perf_counter() - began) * 1000, usage
    raise SystemExit("The emulator is too slow here for so many timers.")


if __name__ == "__main__":
    main()
