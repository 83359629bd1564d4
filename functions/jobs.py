"""Ask Cloud Tasks for a job of the worker; the doorbells' only way out."""

import functools
import hashlib
import json
import os
from datetime import timedelta

import grpc
from google.api_core.exceptions import (
    Conflict,
    DeadlineExceeded,
    InternalServerError,
    ServiceUnavailable,
)
from google.api_core.retry import Retry, if_exception_type
from google.cloud.tasks_v2 import CloudTasksClient, HttpMethod, HttpRequest, OidcToken, Task
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

ATTEMPT_S = 3.0
# The worker answers within seconds; one that hangs is given up and the job delivered again.
DISPATCH_DEADLINE = timedelta(seconds=30)
# create_task has no retry of its own. Repeating it is safe: the job is named.
RETRY = Retry(
    predicate=if_exception_type(DeadlineExceeded, InternalServerError, ServiceUnavailable),
    initial=0.2,
    maximum=2.0,
    multiplier=2.0,
    timeout=12.0,
)
# A stand-in that comes back is found again within a second, not after gRPC's two minutes.
RECONNECT = (("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 1000))


def request_job(handler: str, ids: dict[str, str], *, key: str) -> bool:
    """
    Create the job `POST {WORKER_URL}/internal/jobs/{handler}` whose body is `ids`.

    `key` names the job: a second request with the same key creates nothing. Returns
    whether this call created it.

    Raises:
        GoogleAPIError: Cloud Tasks refused, or did not answer within about 12 seconds.
    """
    worker_url = os.environ["WORKER_URL"]
    queue = CloudTasksClient.queue_path(
        os.environ.get("GCLOUD_PROJECT") or os.environ["GOOGLE_CLOUD_PROJECT"],
        os.environ.get("JOBS_LOCATION", "europe-west1"),
        os.environ.get("JOBS_QUEUE", "jobs"),
    )
    job = Task(
        name=f"{queue}/tasks/{hashlib.sha256(key.encode()).hexdigest()}",
        dispatch_deadline=DISPATCH_DEADLINE,
        http_request=HttpRequest(
            http_method=HttpMethod.POST,
            url=f"{worker_url}/internal/jobs/{handler}",
            headers={"Content-Type": "application/json"},
            body=json.dumps(ids).encode(),
            oidc_token=OidcToken(
                service_account_email=os.environ["WORKER_SERVICE_ACCOUNT"], audience=worker_url
            ),
        ),
    )
    try:
        _client().create_task(parent=queue, task=job, retry=RETRY, timeout=ATTEMPT_S)
    except Conflict:  # The event came twice, or the answer to our first attempt was lost.
        return False
    return True


@functools.cache
def _client() -> CloudTasksClient:
    """Build the client on first use: gRPC objects do not survive functions-framework's fork."""
    # Not CLOUD_TASKS_EMULATOR_HOST: the Emulator Suite overwrites that in its workers with the
    # address of its own Tasks emulator, which speaks REST only and forgets schedule times.
    host = os.environ.get("JOBS_EMULATOR_HOST")
    if not host:
        return CloudTasksClient()
    channel = grpc.insecure_channel(host, options=RECONNECT)
    return CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
