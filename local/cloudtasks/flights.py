"""Deliveries under way, and how they are written down when they end."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from local.cloudtasks import backoff
from local.cloudtasks.attempt_store import AttemptStore
from local.cloudtasks.database import Database
from local.cloudtasks.delivery import Delivery, Request, request_for, retry_headers
from local.cloudtasks.identity import Identity
from local.cloudtasks.model import LastAttempt, Outcome, Queue, Task
from local.cloudtasks.task_store import TaskStore


@dataclass(eq=False, slots=True)
class Flight:
    """One delivery under way. A copy (a scripted duplicate) decides nothing about its task."""

    attempt_id: int
    task: Task
    delivery: Delivery
    previous_status: int | None = None
    is_copy: bool = False
    deadline_at: datetime | None = None  # None until the request is about to be sent.
    is_interrupted: bool = False


class FlightLog:
    """Begins and ends attempts in the database: one commit each."""

    def __init__(
        self, database: Database, tasks: TaskStore, attempts: AttemptStore, identity: Identity
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._attempts = attempts
        self._identity = identity

    def together(self) -> AbstractContextManager[object]:
        """Make one commit of what is begun inside; nobody deletes or pauses in between."""
        return self._database.transaction()

    def begin(self, task: Task, *, at: datetime) -> Flight:
        """Count an attempt of a task and return the delivery to make."""
        previous = task.last_attempt
        begun = replace(
            task,
            dispatch_count=task.dispatch_count + 1,
            first_dispatched_at=task.first_dispatched_at or at,
            last_attempt=LastAttempt(scheduled_at=task.scheduled_at, dispatched_at=at),
        )
        with self._database.transaction():
            self._tasks.save(begun)
            attempt_id = self._attempts.begin(begun, number=begun.dispatch_count, at=at)
        status = None if previous is None else previous.status
        return Flight(attempt_id, begun, self._delivery(begun, status), previous_status=status)

    def begin_copy(self, original: Flight, *, at: datetime) -> Flight:
        """Return a delivery that repeats another one."""
        task, status = original.task, original.previous_status
        attempt_id = self._attempts.begin(task, number=task.dispatch_count, at=at)
        return Flight(attempt_id, task, self._delivery(task, status), is_copy=True)

    def end(self, flight: Flight, outcome: Outcome, *, queue: Queue | None, at: datetime) -> str:
        """Write down how a delivery ended, end or reschedule its task, and return one word."""
        with self._database.transaction():
            word = self._settled(flight, outcome, queue=queue, at=at)
            self._attempts.finish(
                flight.attempt_id,
                at=at,
                status=outcome.status,
                outcome=word,
                reason=outcome.reason,
            )
        return word

    def _settled(
        self, flight: Flight, outcome: Outcome, *, queue: Queue | None, at: datetime
    ) -> str:
        if flight.is_interrupted:
            return "interrupted"  # The task stays due, and is delivered again after the restart.
        if flight.is_copy:
            return "duplicate"
        word = "succeeded" if outcome.is_success else "failed"
        stored = self._tasks.find(flight.task.name)
        if stored is None or stored.ordinal != flight.task.ordinal or queue is None:
            return word  # Deleted or purged meanwhile: nothing more to do for it.
        if outcome.is_success:
            self._tasks.end([stored.name], at=at)
            return word
        return self._retried(_answered(stored, flight, outcome, at=at), queue, at=at)

    def _retried(self, task: Task, queue: Queue, *, at: datetime) -> str:
        retry = queue.retry if task.retry is None else task.retry.over(queue.retry)
        if backoff.is_exhausted(task, retry, at=at):
            self._tasks.end([task.name], at=at)
            return "gave_up"
        next_at = backoff.retry_at(retry, attempts=task.dispatch_count, failed_at=at)
        self._tasks.save(replace(task, scheduled_at=next_at, due_at=next_at))
        return "failed"

    def _delivery(self, task: Task, previous_status: int | None) -> Delivery:
        extra = {} if previous_status is None else retry_headers(previous_status)
        identity = self._identity

        def prepare() -> Request:
            request = request_for(task, identity)
            return replace(request, headers={**request.headers, **extra})

        return Delivery(prepare, timeout_s=task.dispatch_deadline_s)


def _answered(task: Task, flight: Flight, outcome: Outcome, *, at: datetime) -> Task:
    status = outcome.status
    sent = flight.task.last_attempt
    if sent is None:  # A flight always begins with one.
        return task
    return replace(
        task,
        response_count=task.response_count + (status is not None),
        execution_count=task.execution_count + (status is not None and status < 500),
        last_attempt=replace(sent, responded_at=at, status=outcome.recorded_status),
    )
