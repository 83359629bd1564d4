"""The wiring: one stand-in with its database, key, dispatcher and two servers."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from local.cloudtasks import wire
from local.cloudtasks.attempt_store import AttemptStore
from local.cloudtasks.clock import Clock, SystemClock
from local.cloudtasks.control import Control, ControlServer, control_app
from local.cloudtasks.database import Database
from local.cloudtasks.dispatcher import Dispatcher
from local.cloudtasks.engine import Engine
from local.cloudtasks.errors import CannotStartError
from local.cloudtasks.faults import Fault, FaultBook
from local.cloudtasks.flights import Flight, FlightLog
from local.cloudtasks.identity import Identity, SigningKey, load_or_keep, shared_key
from local.cloudtasks.model import Outcome, Queue, RetryConfig
from local.cloudtasks.queue_store import QueueStore
from local.cloudtasks.service import CloudTasksService, serve
from local.cloudtasks.task_store import TaskStore

DATABASE_FILE, KEY_FILE = "cloudtasks.sqlite3", "signing-key.pem"

Log = Callable[[str], None]


def _silent(_line: str) -> None:
    """Log nothing: the default inside a test."""


class CloudTasksStandIn:
    """A Cloud Tasks of one's own: started on construction, stopped by `stop` or `with`."""

    def __init__(
        self,
        *,
        data_dir: Path | None = None,
        clock: Clock | None = None,
        port: int = 0,
        control_port: int = 0,
        queues: Iterable[str] = (),
        retry: RetryConfig | None = None,
        identity: Identity | None = None,
        log: Log = _silent,
    ) -> None:
        """
        Start on 127.0.0.1; port 0 picks a free one.

        `data_dir` None keeps everything in memory. `queues` are created if missing, and
        `retry` is what a new queue gets. `clock` is the time of the queue and may be virtual;
        tokens bear the machine's time all the same, because google-auth checks them against
        that. `identity` signs with another key, or under another clock.

        Raises:
            CannotStartError: a port is taken, or the data directory cannot be used.
            ApiError: a queue's name or the retry settings are not valid.
        """
        self._clock = clock or SystemClock()
        self._retry = retry or RetryConfig()
        self._log = log
        self._configured = [Queue(name, retry=self._retry) for name in queues]
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
        self._database = Database(None if data_dir is None else data_dir / DATABASE_FILE)
        try:
            signer = identity or Identity(_key_beside(data_dir), SystemClock())
            self._wire(signer)
            self._start(port, control_port, signer)
        except BaseException:
            self._database.close()
            raise

    @property
    def faults_url(self) -> str:
        """Where faults are scripted over HTTP."""
        return f"{self.control_url}/control/faults"

    def script(self, fault: Fault) -> None:
        """Script a misdelivery, as POST /control/faults does."""
        self._faults.add(fault)
        self._dispatcher.wake()

    def wake(self) -> None:
        """Look at the clock again: to be called after a virtual clock moved."""
        self._dispatcher.wake()

    def settle(self, timeout_s: float = 30) -> None:
        """
        Block until nothing is due at clock.now() and nothing is in flight.

        A failed task waiting for its next try is not due; nor is one in a paused queue, or
        one that a script holds back.

        Raises:
            TimeoutError: it took longer; the message names tasks that are pending.
        """
        self._dispatcher.settle(timeout_s=timeout_s)

    def reset(self) -> None:
        """Forget tasks, attempts, names and faults; have just the queues of the start."""
        with self._database.transaction():
            self._tasks.forget_all()
            self._attempts.forget_all()
            self._queues.replace_all(self._configured)
        self._faults.clear()
        self._dispatcher.wake()

    def stop(self) -> None:
        """Stop within two seconds. What was in flight stays due in the data directory."""
        grpc_stopped = self._grpc.stop(grace=0)
        self._control.stop()
        self._dispatcher.stop()
        grpc_stopped.wait(0.3)
        self._database.close()

    def __enter__(self) -> Self:
        """Return the stand-in, which runs already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def _wire(self, signer: Identity) -> None:
        self._queues = QueueStore(self._database)
        self._tasks = TaskStore(self._database)
        self._attempts = AttemptStore(self._database)
        self._attempts.interrupt_running()
        self._faults = FaultBook()
        self._dispatcher = Dispatcher(
            queues=self._queues,
            tasks=self._tasks,
            attempts=self._attempts,
            log=FlightLog(self._database, self._tasks, self._attempts, signer),
            faults=self._faults,
            clock=self._clock,
            on_end=self._report,
        )
        self._engine = Engine(
            database=self._database,
            queues=self._queues,
            tasks=self._tasks,
            dispatcher=self._dispatcher,
            clock=self._clock,
            measure=wire.stored_size_bytes,
        )

    def _start(self, port: int, control_port: int, signer: Identity) -> None:
        for queue in self._configured:
            self._engine.ensure_queue(queue)
        control = Control(
            queues=self._queues,
            tasks=self._tasks,
            attempts=self._attempts,
            faults=self._faults,
            dispatcher=self._dispatcher,
            certificates=signer.certificates,
            reset=self.reset,
        )
        self._control = ControlServer(control_app(control), port=control_port)
        self.control_url = f"http://127.0.0.1:{self._control.port}"
        self.certs_url = f"{self.control_url}/oauth2/v1/certs"
        self._control.start()
        service = CloudTasksService(self._engine, retry_defaults=self._retry, faults=self._faults)
        try:
            self._grpc, bound = serve(service, port=port)
        except CannotStartError:
            self._control.stop()
            raise
        self.address = f"127.0.0.1:{bound}"
        self._dispatcher.start()

    def _report(self, flight: Flight, outcome: Outcome, word: str) -> None:
        task = flight.task
        status = outcome.status or outcome.reason
        path = urlsplit(task.call.url).path
        self._log(
            f"{task.short_queue}/{task.short_name} #{task.dispatch_count} "
            f"{task.call.method} {path} -> {status} ({word})"
        )


def _key_beside(data_dir: Path | None) -> SigningKey:
    if data_dir is None:
        return shared_key()
    return load_or_keep(data_dir / KEY_FILE)
