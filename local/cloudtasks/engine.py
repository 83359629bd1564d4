"""What the API does, without gRPC or HTTP: check, write in one commit, wake the dispatcher."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from local.cloudtasks import validation
from local.cloudtasks.clock import Clock
from local.cloudtasks.database import Database
from local.cloudtasks.delivery import USER_AGENT, is_forwarded
from local.cloudtasks.dispatcher import Dispatcher
from local.cloudtasks.errors import ApiError, Kind, invalid, queue_not_found, task_not_found
from local.cloudtasks.model import HttpCall, Queue, QueueState, Task, TaskDraft
from local.cloudtasks.queue_store import QueueStore
from local.cloudtasks.task_store import TaskStore

DEFAULT_DEADLINE_S = 600.0

Measure = Callable[[Task], int]


class Engine:
    """The use cases. Every method may raise ApiError."""

    def __init__(
        self,
        *,
        database: Database,
        queues: QueueStore,
        tasks: TaskStore,
        dispatcher: Dispatcher,
        clock: Clock,
        measure: Measure,
    ) -> None:
        """Take `measure`, which tells a task's stored size in bytes: the wire knows that."""
        self._database = database
        self._queues = queues
        self._tasks = tasks
        self._dispatcher = dispatcher
        self._clock = clock
        self._measure = measure

    def create_queue(self, parent: str, queue: Queue) -> Queue:
        """Create a queue. ALREADY_EXISTS, or FAILED_PRECONDITION if deleted a while ago."""
        validation.check_location(parent)
        self._check_queue(queue)
        if not queue.name.startswith(f"{parent}/"):
            raise invalid(f"{queue.name} must begin with {parent}.")
        with self._database.transaction():
            if self._queues.find(queue.name) is not None:
                raise ApiError(Kind.ALREADY_EXISTS, "Queue already exists")
            self._check_name_is_free(queue.name)
            self._queues.save(queue)
        return queue

    def update_queue(self, name: str, change: Callable[[Queue], Queue]) -> Queue:
        """Apply `change` to the queue, or to a new one if there is none."""
        validation.check_queue_name(name)
        with self._database.transaction():
            stored = self._queues.find(name)
            if stored is None:
                self._check_name_is_free(name)
            changed = change(stored or Queue(name))
            self._check_queue(changed)
            self._queues.save(changed)
        self._dispatcher.wake()
        return changed

    def queue(self, name: str) -> Queue:
        """Return a queue."""
        validation.check_queue_name(name)
        found = self._queues.find(name)
        if found is None:
            raise queue_not_found()
        return found

    def queues(self, parent: str, *, after: str, limit: int) -> list[Queue]:
        """Return the next queues of a location, by name."""
        validation.check_location(parent)
        return self._queues.page(parent, after=after, limit=limit)

    def delete_queue(self, name: str) -> None:
        """Delete a queue with all its tasks."""
        validation.check_queue_name(name)
        now = self._clock.now()
        with self._database.transaction():
            if self._queues.find(name) is None:
                raise task_not_found(existed_recently=False)  # The same words, as recorded.
            self._tasks.end(self._tasks.names_in(name), at=now)
            self._queues.delete(name, at=now)
        self._dispatcher.wake()

    def purge_queue(self, name: str) -> Queue:
        """Delete all tasks of a queue."""
        now = self._clock.now()

        def purged(queue: Queue) -> Queue:
            self._tasks.end(self._tasks.names_in(name), at=now)
            return replace(queue, purged_at=now)

        return self._changed(name, purged)

    def pause_queue(self, name: str) -> Queue:
        """Stop delivering; what is in flight goes on."""
        return self._changed(name, lambda queue: replace(queue, state=QueueState.PAUSED))

    def resume_queue(self, name: str) -> Queue:
        """Deliver again."""
        return self._changed(name, lambda queue: replace(queue, state=QueueState.RUNNING))

    def create_task(self, draft: TaskDraft) -> Task:
        """Accept a task. It is on disk when this returns."""
        now = self._clock.now()
        validation.check_draft(draft, now=now)
        task = _accepted(draft, now=now)
        validation.check_size(self._measure(task))
        with self._database.transaction():
            queue = self.queue(draft.parent)
            if draft.retry is not None:
                validation.check_retry(draft.retry.over(queue.retry))
            if self._tasks.find(task.name) or self._tasks.ended_recently(task.name, now=now):
                raise ApiError(Kind.ALREADY_EXISTS, "Requested entity already exists")
            stored = self._tasks.add(task)
        self._dispatcher.wake()
        return stored

    def task(self, name: str) -> Task:
        """Return a waiting task."""
        validation.check_task_name(name)
        found = self._tasks.find(name)
        if found is None:
            raise self._missing(name)
        return found

    def tasks(self, queue: str, *, after: int, limit: int) -> list[Task]:
        """Return the next waiting tasks of a queue."""
        self.queue(queue)
        return self._tasks.page(queue, after=after, limit=limit)

    def delete_task(self, name: str) -> None:
        """Delete a task; a delivery in flight goes on, and is not repeated."""
        with self._database.transaction():
            self.task(name)
            self._tasks.end([name], at=self._clock.now())
        self._dispatcher.wake()

    def run_task(self, name: str) -> Task:
        """Deliver a task at once, even if its queue is paused or busy."""
        validation.check_task_name(name)
        begun = self._dispatcher.run_now(name)
        if begun is None:
            raise self._missing(name)
        return begun

    def ensure_queue(self, queue: Queue) -> None:
        """Create a queue unless it is there, for the operator: a deleted name is no bar."""
        self._check_queue(queue)
        with self._database.transaction():
            if self._queues.find(queue.name) is None:
                self._queues.save(queue)

    def _changed(self, name: str, change: Callable[[Queue], Queue]) -> Queue:
        with self._database.transaction():
            changed = change(self.queue(name))
            self._queues.save(changed)
        self._dispatcher.wake()
        return changed

    def _check_queue(self, queue: Queue) -> None:
        validation.check_queue_name(queue.name)
        validation.check_rate(queue.rate)
        validation.check_retry(queue.retry)

    def _check_name_is_free(self, name: str) -> None:
        if self._queues.was_deleted_recently(name, now=self._clock.now()):
            raise ApiError(
                Kind.FAILED_PRECONDITION,
                "The queue cannot be created because a queue with this name existed too recently.",
            )

    def _missing(self, name: str) -> ApiError:
        recently = self._tasks.ended_recently(name, now=self._clock.now())
        return task_not_found(existed_recently=recently)


def _accepted(draft: TaskDraft, *, now: datetime) -> Task:
    name = draft.name or f"{draft.parent}/tasks/{secrets.randbelow(10**20):020d}"
    scheduled_at = max(draft.scheduled_at or now, now)
    return Task(
        name=name,
        queue=draft.parent,
        call=_stored_call(draft.call),
        created_at=now,
        scheduled_at=scheduled_at,
        due_at=scheduled_at,
        dispatch_deadline_s=draft.dispatch_deadline_s or DEFAULT_DEADLINE_S,
        retry=draft.retry,
    )


def _stored_call(call: HttpCall) -> HttpCall:
    """Put the service's own headers in place of the caller's, as a read of the task shows them."""
    kept = {name: value for name, value in call.headers.items() if is_forwarded(name)}
    return replace(call, headers={**kept, "User-Agent": USER_AGENT})
