"""Many schedulers as processes of one service, and the trouble they get into."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.suite import EmulatorSuite
from tests.api.world import World
from tests.observability.process import SCHEDULER, Process

PATIENCE_S = 120.0
POLL_S = 0.1


class Herd:
    """
    The schedulers that run, and those that did.

    Killed ones leave their log, so that nothing they did is forgotten.
    """

    def __init__(self, world: World, suite: EmulatorSuite, folder: Path, *, ttl_s: float) -> None:
        self.ttl_s = ttl_s
        self._folder = folder
        self._running: list[Process] = []
        self._all: list[Process] = []
        self._asleep: list[tuple[float, Process]] = []
        settings = world.services.settings
        self._settings = {
            "TASKFLOW_ENV": "development",
            "GOOGLE_CLOUD_PROJECT": world.project_id,
            "FIRESTORE_EMULATOR_HOST": suite.firestore_host,
            "FIREBASE_AUTH_EMULATOR_HOST": suite.auth_host,
            "JOBS_EMULATOR_HOST": settings.jobs_emulator_host,
            "JOBS_LOCATION": settings.jobs_location,
            "WORKER_URL": settings.worker_url,
            "WORKER_SERVICE_ACCOUNT": settings.worker_service_account,
            "SIGNING_SECRET": settings.signing_secret,
            "LEASE_TTL_S": str(ttl_s),
            "PROMOTE_INTERVAL_S": "0.5",
            "SWEEP_INTERVAL_S": "1",
            "REPAIR_INTERVAL_S": "1",
            "REPAIR_GRACE_S": "1",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.wake_all()
        for process in self._running:
            with suppress(ProcessLookupError):  # It has ended by itself.
                os.kill(process.pid, signal.SIGKILL)
            process.ended()

    def start(self, count: int = 1, *, ready: int | None = None) -> None:
        """Start schedulers, and wait until so many (all of them) contend for the lease."""
        for _ in range(count):
            self.launch()
        wait_until(lambda: len(self.lines("scheduler.started")) >= (ready or count))

    def leader(self) -> Process:
        """The scheduler that took the lease last; waits until one has."""
        wait_until(self.fences)
        return max(
            (process for process in self._all if process.lines("lease.taken")),
            key=lambda process: process.lines("lease.taken")[-1]["fence"],
        )

    def kill(self, process: Process) -> None:
        """SIGKILL."""
        os.kill(process.pid, signal.SIGKILL)
        process.ended()
        self._running.remove(process)

    def suspend(self, process: Process, *, for_s: float) -> None:
        """SIGSTOP; `wake` continues it when the time is over."""
        os.kill(process.pid, signal.SIGSTOP)
        self._asleep.append((time.monotonic() + for_s, process))

    def wake(self, *, everybody: bool = False) -> None:
        """SIGCONT to those whose time is over."""
        now = time.monotonic()
        for until, process in list(self._asleep):
            if everybody or now >= until:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)
                self._asleep.remove((until, process))

    def wake_all(self) -> None:
        """SIGCONT to everybody."""
        self.wake(everybody=True)

    def trouble(self, chance: random.Random, *, for_s: float, replace: bool) -> None:
        """
        Kill and suspend schedulers at random, the leader as often as all the others.

        Suspended ones sleep for half the time to live of the lease up to three times that.
        """
        ends_at = time.monotonic() + for_s
        while time.monotonic() < ends_at:
            time.sleep(chance.uniform(0.2, 0.6) * self.ttl_s)
            self.wake()
            awake = [each for each in self._running if each not in self._sleepers()]
            if len(awake) < 3:
                continue
            leader = self.leader()
            victim = leader if leader in awake and chance.random() < 0.5 else chance.choice(awake)
            if chance.random() < 0.3:
                self.kill(victim)
                if replace:
                    self.launch()
            else:
                self.suspend(victim, for_s=chance.uniform(0.5, 3) * self.ttl_s)
        self.wake_all()

    def fences(self) -> list[int]:
        """The fencing tokens of all who ever took the lease."""
        return sorted(line["fence"] for line in self.lines("lease.taken"))

    def lines(self, *messages: str) -> list[dict[str, Any]]:
        """What all of them have logged under these names."""
        return [line for process in self._all for line in process.lines(*messages)]

    def _sleepers(self) -> list[Process]:
        return [process for _, process in self._asleep]

    def launch(self, **settings: str) -> Process:
        """Start a scheduler with further settings, and wait for nothing."""
        folder = self._folder / f"scheduler{len(self._all)}"
        folder.mkdir()
        process = Process(SCHEDULER, folder, {**self._settings, **settings})
        self._running.append(process)
        self._all.append(process)
        return process


def wait_until(check: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait for something that must come."""
    give_up_at = time.monotonic() + patience_s
    while not check():
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(POLL_S)
