"""Queues, tasks and attempts as the engine knows them: frozen values, free of any transport."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class RetryConfig:
    """When a failed task is tried again. The defaults are those of a new queue."""

    max_attempts: int = 100  # -1: without end.
    max_retry_duration_s: float = 0.0  # 0: without end.
    min_backoff_s: float = 0.1
    max_backoff_s: float = 3600.0
    max_doublings: int = 16


@dataclass(frozen=True, slots=True)
class RetryOverrides:
    """The retry settings a caller gave; None where nothing was said."""

    max_attempts: int | None = None
    max_retry_duration_s: float | None = None
    min_backoff_s: float | None = None
    max_backoff_s: float | None = None
    max_doublings: int | None = None

    def over(self, base: RetryConfig) -> RetryConfig:
        """Return `base` with whatever was given put in its place."""
        return RetryConfig(
            max_attempts=_given(self.max_attempts, base.max_attempts),
            max_retry_duration_s=_given(self.max_retry_duration_s, base.max_retry_duration_s),
            min_backoff_s=_given(self.min_backoff_s, base.min_backoff_s),
            max_backoff_s=_given(self.max_backoff_s, base.max_backoff_s),
            max_doublings=_given(self.max_doublings, base.max_doublings),
        )


def _given(value: Number | None, otherwise: Number) -> Number:
    return otherwise if value is None else value


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How fast a queue may dispatch. The defaults are those of a new queue."""

    max_dispatches_per_second: float = 500.0  # Kept and read back, not enforced.
    max_concurrent_dispatches: int = 1000


class QueueState(StrEnum):
    """Whether a queue delivers."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, under its full name."""

    name: str
    rate: RateLimits = field(default_factory=RateLimits)
    retry: RetryConfig = field(default_factory=RetryConfig)
    state: QueueState = QueueState.RUNNING
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OidcToken:
    """Whose token goes with a request, and for whom. An empty audience means the URL."""

    service_account_email: str
    audience: str = ""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """The request that a task makes."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    oidc: OidcToken | None = None


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """What a caller asked for, before anything was checked."""

    parent: str
    name: str  # Empty: the service picks one.
    call: HttpCall
    scheduled_at: datetime | None = None
    dispatch_deadline_s: float | None = None
    retry: RetryOverrides | None = None


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """The newest attempt of a task. `status` is an HTTP status, 504 for a missed deadline."""

    scheduled_at: datetime
    dispatched_at: datetime
    responded_at: datetime | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """An accepted task. `ordinal` tells it from any other that ever had its name."""

    name: str
    queue: str
    call: HttpCall
    created_at: datetime
    scheduled_at: datetime  # What the task is told (TaskETA); a retry moves it.
    due_at: datetime  # When it is really delivered; a scripted delay moves it.
    dispatch_deadline_s: float
    retry: RetryOverrides | None = None
    ordinal: int = 0
    dispatch_count: int = 0
    response_count: int = 0
    execution_count: int = 0  # Responses other than 5xx, as TaskExecutionCount has it.
    first_dispatched_at: datetime | None = None
    last_attempt: LastAttempt | None = None

    @property
    def short_name(self) -> str:
        """The task's id, without its queue."""
        return self.name.rpartition("/")[2]

    @property
    def short_queue(self) -> str:
        """The queue's id, without project and location."""
        return self.queue.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery ended: an HTTP status, or a reason why there is none."""

    status: int | None
    reason: str = ""
    is_deadline_exceeded: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the handler took the task: any 2xx."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def recorded_status(self) -> int:
        """The status a retry is told of: 504 after a missed deadline, 503 without any answer."""
        if self.status is not None:
            return self.status
        return 504 if self.is_deadline_exceeded else 503


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery, kept for people and tests to look at."""

    id: int
    task: str
    queue: str
    number: int  # 1 for the first.
    method: str
    url: str
    scheduled_at: datetime
    dispatched_at: datetime
    responded_at: datetime | None
    status: int | None
    outcome: str  # running, succeeded, failed, gave_up, interrupted, duplicate, dropped, expired
    reason: str
