"""Cloud Tasks behind `Jobs`: work that runs later, at least once, at `/internal/jobs/{handler}`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import grpc
from google.api_core import exceptions as gcp
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import GoogleAuthError
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from backend.kit.errors import Unavailable
from backend.kit.once import Once
from backend.kit.trace import HEADER, current
from backend.settings import Settings

DEADLINE_S = 5.0
# Our handlers answer within seconds; a worker that hangs is given up and the job delivered again.
DISPATCH_DEADLINE_S = 30
# create_task has no retry of its own; a named task makes one safe.
RETRY = Retry(
    predicate=if_exception_type(gcp.ServiceUnavailable, gcp.DeadlineExceeded),
    initial=0.1,
    maximum=1.0,
    timeout=DEADLINE_S,
)


@dataclass(frozen=True, slots=True)
class Job:
    """
    One call of `handler`, not before `at` (aware UTC; None is at once). `body` carries ids only.

    `key` says which jobs are the same: the queue may drop a second one, and nothing relies on it.
    """

    handler: str
    body: Mapping[str, str]
    key: str
    at: datetime | None = None


class Jobs(Protocol):
    """Where work for later goes."""

    def enqueue(self, job: Job) -> None:
        """
        Hand `job` over. Once this returns, it will run at least once.

        Raises:
            Unavailable: it was perhaps not taken.
        """

    def ping(self) -> None:
        """Raise Unavailable if jobs cannot be handed over now."""


class CloudTasksJobs:
    """`Jobs` in a Cloud Tasks queue. The client is made on first use, after a server's fork."""

    def __init__(self, settings: Settings) -> None:
        self._queue = settings.queue_path
        self._worker_url = settings.worker_url
        self._service_account = settings.worker_service_account
        self._emulator_host = settings.jobs_emulator_host
        self._made = Once(self._connect)

    @property
    def _client(self) -> tasks_v2.CloudTasksClient:
        return self._made.get()

    def _connect(self) -> tasks_v2.CloudTasksClient:
        if not self._emulator_host:
            return tasks_v2.CloudTasksClient()
        # google-cloud-tasks knows no emulator variable, so the transport is given to it. Ours is
        # not called CLOUD_TASKS_EMULATOR_HOST, which the Emulator Suite sets to a service of its
        # own that ignores schedule times.
        channel = grpc.insecure_channel(self._emulator_host)
        return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))

    def enqueue(self, job: Job) -> None:
        """Create a named task; one of that name there already is success."""
        try:
            self._client.create_task(
                parent=self._queue, task=self._task(job), retry=RETRY, timeout=DEADLINE_S
            )
        except gcp.AlreadyExists:
            return
        except (gcp.RetryError, gcp.ServerError, gcp.TooManyRequests, gcp.Conflict) as error:
            raise Unavailable("The job queue did not answer.") from error

    def ping(self) -> None:
        """Read the queue's own description."""
        try:
            self._client.get_queue(name=self._queue, retry=None, timeout=DEADLINE_S)
        except (gcp.GoogleAPICallError, GoogleAuthError) as error:
            raise Unavailable("The job queue did not answer.") from error

    def _task(self, job: Job) -> tasks_v2.Task:
        # Hashed, since sequential names slow a queue down.
        name = hashlib.sha256(f"{job.handler}:{job.key}".encode()).hexdigest()
        task = tasks_v2.Task(
            name=f"{self._queue}/tasks/{name}",
            dispatch_deadline=Duration(seconds=DISPATCH_DEADLINE_S),
            http_request=tasks_v2.HttpRequest(
                http_method=tasks_v2.HttpMethod.POST,
                url=f"{self._worker_url}/internal/jobs/{job.handler}",
                headers={"Content-Type": "application/json", **_trace_headers()},
                body=json.dumps(dict(job.body)).encode(),
                oidc_token=tasks_v2.OidcToken(
                    service_account_email=self._service_account, audience=self._worker_url
                ),
            ),
        )
        if job.at is not None:
            when = Timestamp()
            when.FromDatetime(job.at)
            task.schedule_time = when
        return task


def _trace_headers() -> dict[str, str]:
    """Return what makes the job go on with the trace of whoever queues it."""
    trace = current()
    return {HEADER: trace.traceparent} if trace else {}
