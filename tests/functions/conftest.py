"""The doorbells as Firebase loads them, rung by events as Firestore sends them."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from cloudevents.http import CloudEvent
from firebase_functions.private.serving import get_functions
from google.cloud.tasks_v2 import CloudTasksClient, ListTasksRequest, Task
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.events.cloud.firestore import DocumentEventData

from local.cloudtasks import CloudTasksStandIn

FUNCTIONS = Path(__file__).parents[2] / "functions"
PROJECT = "demo-doorbells"
WORKER_URL = "http://127.0.0.1:9"  # Nobody listens: jobs stay in the queue, to be looked at.
WORKER_ACCOUNT = f"jobs@{PROJECT}.iam.gserviceaccount.com"
QUEUE = f"projects/{PROJECT}/locations/europe-west1/queues/jobs"
MODULES = ("main", "doorbells", "ringing", "jobs")

Ring = Callable[..., None]


@pytest.fixture
def tasks() -> Iterator[CloudTasksStandIn]:
    """A Cloud Tasks server of its own, with an empty queue."""
    with CloudTasksStandIn(queues=[QUEUE]) as stand_in:
        yield stand_in


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What the Functions emulator gives its worker, without an address of Cloud Tasks."""
    for name in ("JOBS_EMULATOR_HOST", "CLOUD_TASKS_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GCLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("FIREBASE_CONFIG", json.dumps({"projectId": PROJECT}))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")  # Never called.
    monkeypatch.setenv("JOBS_LOCATION", "europe-west1")
    monkeypatch.setenv("JOBS_QUEUE", "jobs")
    monkeypatch.setenv("WORKER_URL", WORKER_URL)
    monkeypatch.setenv("WORKER_SERVICE_ACCOUNT", WORKER_ACCOUNT)
    return monkeypatch


@pytest.fixture
def doorbells(environment: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[..., None]]]:
    """Every function the folder deploys, found by Firebase's own loader, freshly imported."""
    environment.chdir(FUNCTIONS)
    environment.setattr(sys, "path", [str(FUNCTIONS), *sys.path])
    for name in MODULES:
        environment.delitem(sys.modules, name, raising=False)
    yield get_functions()
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def ring(doorbells: dict[str, Callable[..., None]]) -> Ring:
    """Ring a doorbell: `ring("workspaces/w/tasks/t", event_id="e")`."""

    def ring_once(
        document: str,
        *,
        event_id: str = "event-1",
        data: bytes = b"",
        name: str = "task_written",
        how: str = "written",
    ) -> None:
        doorbells[name](event(document, event_id=event_id, data=data, how=how))

    return ring_once


def event(document: str, *, event_id: str, data: bytes = b"", how: str = "written") -> CloudEvent:
    """Build the event that Firestore sends once `document` is written, updated or deleted."""
    attributes = {
        "id": event_id,
        "type": f"google.cloud.firestore.document.v1.{how}",
        "source": f"//firestore.googleapis.com/projects/{PROJECT}/databases/(default)",
        "subject": f"documents/{document}",
        "time": "2026-11-20T12:00:00.123456Z",
        "location": "europe-west1",
        "project": PROJECT,
        "namespace": "(default)",
        "database": "(default)",
        "document": document,
        "datacontenttype": "application/protobuf",
    }
    return CloudEvent(attributes, data)


def payload(document: str, **fields: str) -> bytes:
    """Build an event's payload: the new state of a document, which doorbells must not read."""
    name = f"projects/{PROJECT}/databases/(default)/documents/{document}"
    values = {key: {"string_value": value} for key, value in fields.items()}
    content = DocumentEventData({"value": {"name": name, "fields": values}})
    return DocumentEventData.serialize(content)


def jobs_in(tasks: CloudTasksStandIn) -> list[Task]:
    """List the jobs that Cloud Tasks was asked for, as its own client reads them."""
    with grpc.insecure_channel(tasks.address) as channel:
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        request = ListTasksRequest(parent=QUEUE, response_view=Task.View.FULL)
        return list(client.list_tasks(request, timeout=5))
