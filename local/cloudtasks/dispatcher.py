"""Delivers what is due: several at once, within each queue's limits, as time and faults say."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from local.cloudtasks.attempt_store import AttemptStore
from local.cloudtasks.backoff import RETENTION
from local.cloudtasks.clock import Clock
from local.cloudtasks.delivery import DEADLINE_EXCEEDED
from local.cloudtasks.faults import Fault, FaultBook, FaultKind
from local.cloudtasks.flights import Flight, FlightLog
from local.cloudtasks.model import Outcome, Queue, Task
from local.cloudtasks.queue_store import QueueStore
from local.cloudtasks.task_store import TaskStore

MOST_AT_ONCE = 64  # Threads of one developer's machine; a queue's own limit is often 1000.
SHORTEST_PAUSE_S = 0.002

Ended = Callable[[Flight, Outcome, str], None]


class Dispatcher:
    """
    The loop that starts deliveries, and the threads that make them.

    One condition guards the flights. Whoever changes the database wakes the loop after the
    commit; the loop looks and then waits under the same lock, so no wake-up is lost.
    """

    def __init__(
        self,
        *,
        queues: QueueStore,
        tasks: TaskStore,
        attempts: AttemptStore,
        log: FlightLog,
        faults: FaultBook,
        clock: Clock,
        on_end: Ended,
    ) -> None:
        self._queues = queues
        self._tasks = tasks
        self._attempts = attempts
        self._log = log
        self._faults = faults
        self._clock = clock
        self._on_end = on_end
        self._changed = threading.Condition(threading.RLock())
        self._flights: set[Flight] = set()
        self._workers: set[threading.Thread] = set()
        self._is_stopping = False
        self._is_stopped = False
        self._loop = threading.Thread(target=self._run, name="cloudtasks-loop", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._loop.start()

    def stop(self, *, timeout_s: float = 1.0) -> None:
        """Call off what is under way (it stays due) and end the threads."""
        give_up_at = time.monotonic() + timeout_s
        with self._changed:
            self._is_stopping = True
            for flight in self._flights:
                flight.is_interrupted = True
                flight.delivery.call_off("the stand-in stopped")
            self._changed.notify_all()
            threads = [self._loop, *self._workers]
        for thread in threads:
            thread.join(max(0.0, give_up_at - time.monotonic()))
        with self._changed:
            self._is_stopped = True

    def wake(self) -> None:
        """Look again: the database, the faults or a virtual clock changed."""
        with self._changed:
            self._changed.notify_all()

    def settle(self, *, timeout_s: float) -> None:
        """
        Block until nothing is due now and nothing is in flight.

        Paused queues and tasks held back by a script do not count.

        Raises:
            TimeoutError: it did not come to rest in time; the message names what is pending.
        """
        give_up_at = time.monotonic() + timeout_s
        with self._changed:
            self._changed.notify_all()
            while pending := self._pending():
                left_s = give_up_at - time.monotonic()
                if left_s <= 0:
                    names = ", ".join(sorted(pending)[:5])
                    raise TimeoutError(f"Still pending after {timeout_s} s: {names}")
                self._changed.wait(left_s)

    @property
    def is_alive(self) -> bool:
        """Whether the loop runs."""
        return self._loop.is_alive()

    def in_flight(self) -> set[str]:
        """Return the names of the tasks being delivered."""
        with self._changed:
            return {flight.task.name for flight in self._flights}

    def run_now(self, name: str) -> Task | None:
        """Deliver a task at once, whatever its queue's limits; None if it is gone."""
        with self._changed:
            now = self._clock.now()
            task = self._tasks.find(name)
            if task is None:
                return None
            flight = self._log.begin(replace(task, scheduled_at=now), at=now)
            self._launch([flight])
            return flight.task

    # The loop. Everything from here to _launch runs under the lock.

    def _run(self) -> None:
        with self._changed:
            while not self._is_stopping:
                now = self._clock.now()
                self._call_off_overdue(now)
                self._expire(now)
                while self._start_batch(now):
                    self._changed.notify_all()
                self._changed.wait(self._pause_s(now))

    def _pause_s(self, now: datetime) -> float | None:
        instants = [f.deadline_at for f in self._flights if f.deadline_at is not None]
        for queue in self._queues.running():
            due_at = self._tasks.next_due_at(queue.name, after=now)
            if due_at is not None:
                instants.append(due_at)
        if not instants:
            return None
        pause_s = (min(instants) - now).total_seconds()
        return min(max(pause_s, SHORTEST_PAUSE_S), threading.TIMEOUT_MAX)

    def _pending(self) -> set[str]:
        if self._is_stopping:
            return set()
        now = self._clock.now()
        held = self._faults.held()
        pending = {flight.task.name for flight in self._flights}
        pending |= {task.name for task in self._tasks.created_before(now - RETENTION)}
        for queue in self._queues.running():
            pending |= set(self._tasks.due_names(queue.name, now=now)) - held
            if self._faults.wants_early(queue.name):
                waiting = self._tasks.not_yet_tried(queue.name, now=now)
                pending |= {task.name for task in waiting if self._faults.would_hasten(task)}
        return pending

    def _call_off_overdue(self, now: datetime) -> None:
        for flight in self._flights:
            if flight.deadline_at is not None and flight.deadline_at <= now:
                flight.deadline_at = None
                flight.delivery.call_off(DEADLINE_EXCEEDED, is_deadline_exceeded=True)

    def _expire(self, now: datetime) -> None:
        for task in self._tasks.created_before(now - RETENTION):
            self._lose(task, now, outcome="expired")
            self._changed.notify_all()

    def _start_batch(self, now: datetime) -> bool:
        # Whoever was told that a task is deleted, or its queue paused, sees no delivery begin
        # later: selection and beginning are one commit. The threads wait for our lock anyway.
        with self._log.together():
            return self._start_due(now)

    def _start_due(self, now: datetime) -> bool:
        """Start what can be started, and tell whether looking again may find more."""
        progress = False
        for queue in self._queues.running():
            self._hasten(queue, now)
            busy = [f.task.name for f in self._flights if f.task.queue == queue.name]
            room = min(
                queue.rate.max_concurrent_dispatches - len(busy),
                MOST_AT_ONCE - len(self._flights),
            )
            passed_over = {*busy, *self._faults.held()}
            if room <= 0:
                continue
            due = self._tasks.due(queue.name, now=now, limit=room + len(passed_over))
            for task in [task for task in due if task.name not in passed_over][:room]:
                self._deliver(task, now)
                progress = True
        return progress

    def _hasten(self, queue: Queue, now: datetime) -> None:
        if not self._faults.wants_early(queue.name):
            return
        for task in self._tasks.not_yet_tried(queue.name, now=now):
            if self._faults.take_early(task):
                self._tasks.save(replace(task, due_at=now))

    def _deliver(self, task: Task, now: datetime) -> None:
        fault = self._faults.take(task)
        if fault is not None and fault.kind is FaultKind.DROP:
            self._lose(task, now, outcome="dropped")
        elif fault is not None and fault.kind is FaultKind.DELAY:
            self._tasks.save(replace(task, due_at=now + timedelta(seconds=fault.seconds)))
        elif fault is not None:
            self._deliver_copies(task, fault, now)
        else:
            self._deliver_in_turn(task, now)

    def _deliver_in_turn(self, task: Task, now: datetime) -> None:
        released = self._faults.hold(task)
        if released is None:
            self._launch([self._log.begin(task, at=now)])
        elif released:
            found = [self._tasks.find(name) for name in released]
            self._launch([self._log.begin(t, at=now) for t in found if t is not None])

    def _deliver_copies(self, task: Task, fault: Fault, now: datetime) -> None:
        original = self._log.begin(task, at=now)
        copies = [self._log.begin_copy(original, at=now) for _ in range(fault.copies)]
        if fault.concurrent:
            for flight in (original, *copies):
                self._launch([flight])
        else:
            self._launch([original, *copies])

    def _lose(self, task: Task, now: datetime, *, outcome: str) -> None:
        self._tasks.end([task.name], at=now)
        self._attempts.begin(task, number=task.dispatch_count + 1, at=now, outcome=outcome)

    def _launch(self, flights: Sequence[Flight]) -> None:
        """Deliver these one after the other, in a thread of their own."""
        self._flights.update(flights)
        worker = threading.Thread(target=self._fly, args=(flights,), daemon=True)
        self._workers.add(worker)
        worker.start()

    # The worker threads.

    def _fly(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            with self._changed:
                deadline = timedelta(seconds=flight.task.dispatch_deadline_s)
                flight.deadline_at = self._clock.now() + deadline
                self._changed.notify_all()  # The loop shall know of the new deadline.
            try:
                outcome = flight.delivery.run()
            except Exception as error:  # noqa: BLE001 (Else it never lands, and blocks its task.)
                outcome = Outcome(None, f"{type(error).__name__}: {error}")
            self._land(flight, outcome)
        with self._changed:
            self._workers.discard(threading.current_thread())

    def _land(self, flight: Flight, outcome: Outcome) -> None:
        with self._changed:
            if self._is_stopped:  # Too late: the database is closed. The task is still due.
                return
            queue = self._queues.find(flight.task.queue)
            word = self._log.end(flight, outcome, queue=queue, at=self._clock.now())
            self._flights.discard(flight)
            self._changed.notify_all()
        self._on_end(flight, outcome, word)
