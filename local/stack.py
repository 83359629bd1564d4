"""The local stack: what starts when, what happens while it runs, and what stops in which order."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from local import services
from local.addresses import backend_environment, functions_environment
from local.data_folder import DataFolder
from local.problems import Problem
from local.progress import Progress
from local.settings import LocalSettings
from local.suite import EmulatorSuite
from local.suite_program import READY_WITHIN_S as SUITE_READY_WITHIN_S
from local.suite_program import SuiteOptions
from local.supervisor import READY_WITHIN_S, Say, Supervised

POLL_S = 0.1
BACKEND_STOP_S, STAND_IN_STOP_S = 4.0, 1.5


class StopRequested(Exception):
    """Somebody asked for a stop before the stack was ready."""


class Starting(Protocol):
    """Something that takes time to start."""

    name: str

    def is_ready(self) -> bool:
        """Say whether it can be used."""

    def has_failed(self) -> bool:
        """Say whether there is no point in waiting for it any longer."""

    def failure(self) -> Problem:
        """Return why it cannot be used, for a person."""


class Stack:
    """
    All processes of the local stack.

    The Suite keeps its data in memory, so its end is the end of the stack. Every other program
    keeps what matters on disk, or nothing, and is started again when it ends.
    """

    def __init__(
        self,
        settings: LocalSettings,
        data: DataFolder,
        *,
        mark: str,
        is_stop_requested: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._data = data
        self._mark = mark
        self._is_stop_requested = is_stop_requested
        self._environment = backend_environment(settings, data.signing_secret())
        self._stand_ins: list[Supervised] = []
        self._backend: list[Supervised] = []
        self._is_suite_ready = False
        self._suite = EmulatorSuite(
            SuiteOptions(
                project_id=settings.project_id,
                folder=settings.state_dir / "suite",
                ports=settings.suite_ports,
                only=("auth", "firestore", "functions"),
                import_from=data.suite,
                environment=functions_environment(settings),
                log=settings.logs / "emulator-suite.log",
                mark=f"{mark}.suite",
            )
        )

    def start(self, progress: Progress) -> None:
        """
        Start everything and wait until it answers.

        Raises:
            Problem: a program ended or did not become ready; `stop` ends the others.
            StopRequested: somebody asked for a stop meanwhile.
        """
        self._suite.start()
        progress.begin(self._suite.name)
        for service in services.stand_ins(self._settings, self._data):
            self._stand_ins.append(self._supervise(service, progress))
        # Loading its code takes the API a while; it finds Firestore when that is there.
        self._backend.append(self._supervise(services.api(self._settings), progress))
        first: list[Starting] = [self._suite, *self._stand_ins]
        self._await(first, progress, within_s=SUITE_READY_WITHIN_S)
        self._is_suite_ready = True
        self._backend.append(self._supervise(services.scheduler(self._settings), progress))
        self._await(self._backend, progress, within_s=READY_WITHIN_S)

    def run(self, say: Say) -> None:
        """
        Keep the stack running until somebody asks for a stop.

        Raises:
            Problem: the Suite ended.
        """
        saved_at = time.monotonic()
        while not self._is_stop_requested():
            ended = self._suite.ended_part()
            if ended is not None:
                self._is_suite_ready = False
                raise Problem(
                    f"The Firebase Emulator {ended}, and with it went the data in its memory; what "
                    "was last saved comes back with the next start. See "
                    f"{self._suite.child.log}."
                )
            for supervised in (*self._stand_ins, *self._backend):
                supervised.keep_running(say)
            interval_s = self._settings.export_interval_s
            if interval_s and time.monotonic() - saved_at > interval_s:
                self._save(say)
                saved_at = time.monotonic()
            time.sleep(POLL_S)

    def stop(self, say: Say) -> None:
        """Stop every process, those first whose work others take over, and save the data."""
        _stop_all(self._backend, within_s=BACKEND_STOP_S)
        if self._is_suite_ready:
            self._save(say)
        self._suite.stop()
        _stop_all(self._stand_ins, within_s=STAND_IN_STOP_S)

    def _supervise(self, service: services.Service, progress: Progress) -> Supervised:
        progress.begin(service.name)
        return Supervised(service, mark=self._mark, env=self._environment, logs=self._settings.logs)

    def _await(self, waiting: Sequence[Starting], progress: Progress, *, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while waiting := _still_waiting(waiting, progress):
            if self._is_stop_requested():
                raise StopRequested
            everything: list[Starting] = [self._suite, *self._stand_ins, *self._backend]
            for started in everything:
                if started.has_failed():
                    raise started.failure()
            if time.monotonic() > deadline:
                raise waiting[0].failure()
            time.sleep(POLL_S)

    def _save(self, say: Say) -> None:
        try:
            self._suite.export(self._data.suite)
        except Problem as problem:
            say(str(problem))


def _still_waiting(waiting: Sequence[Starting], progress: Progress) -> list[Starting]:
    still = [one for one in waiting if not one.is_ready()]
    for one in waiting:
        if one not in still:
            progress.done(one.name)
    return still


def _stop_all(supervised: Sequence[Supervised], *, within_s: float) -> None:
    if supervised:
        with ThreadPoolExecutor(len(supervised)) as pool:
            list(pool.map(lambda one: one.child.stop(within_s=within_s), supervised))
