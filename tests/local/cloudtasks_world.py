"""What the stand-in's tests share: a virtual clock, a real HTTP receiver, the real client."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

import grpc
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from local.cloudtasks import CloudTasksStandIn

LOCATION = "projects/demo-test/locations/europe-west1"
QUEUE = f"{LOCATION}/queues/jobs"
PATIENCE_S = 60


class VirtualClock:
    """A clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def task(self) -> str:
        return self.headers["X-CloudTasks-TaskName"]


@dataclass
class Receiver:
    """A real HTTP server that notes what it gets and answers as told (200, or in turn)."""

    answers: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    is_gated: bool = False

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self.now_inside = 0
        self.most_inside = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, request: Received) -> int:
        with self._changed:
            self.received.append(request)
            self.now_inside += 1
            self.most_inside = max(self.most_inside, self.now_inside)
            status = self.answers.pop(0) if self.answers else 200
            self._changed.notify_all()
        if self.is_gated:
            self.gate.wait(PATIENCE_S)
        with self._changed:
            self.now_inside -= 1
            self._changed.notify_all()
        return status

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until something about the requests holds; fails after the deadline."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_S)

    @property
    def tasks(self) -> list[str]:
        return [request.task for request in self.received]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # 64 connect at once; at the usual 5 some wait a second.


class World:
    """A stand-in with its clock, a receiver and a client."""

    def __init__(self, data_dir: Path | None = None, **options: Any) -> None:
        self.clock = VirtualClock()
        self.receiver = Receiver()
        options = {"clock": self.clock, "queues": [QUEUE], **options}
        self.tasks = CloudTasksStandIn(data_dir=data_dir, **options)
        self.channel, self.client = client_of(self.tasks.address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()
        self.receiver.__exit__()
        self.tasks.stop()

    def create(self, name: str = "", *, queue: str = QUEUE, **task: Any) -> tasks_v2.Task:
        """Create a task for the receiver, changed as the arguments say."""
        request = {"url": f"{self.receiver.url}/work", **task.pop("http_request", {})}
        full_name = f"{queue}/tasks/{name}" if name else ""
        made = tasks_v2.Task(name=full_name, http_request=request, **task)
        return self.client.create_task(parent=queue, task=made)

    def settle(self) -> None:
        self.tasks.settle(timeout_s=PATIENCE_S)

    def advance(self, seconds: float) -> None:
        """Move the clock and let whatever fell due happen."""
        self.clock.advance(seconds)
        self.settle()

    def in_s(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def names(self, queue: str = QUEUE) -> list[str]:
        """The ids of the tasks that still wait."""
        return [task.name.rpartition("/")[2] for task in self.client.list_tasks(parent=queue)]

    def retry(self, **config: Any) -> None:
        """Change the queue's retry settings."""
        config = {k: timedelta(seconds=v) if k in SECONDS else v for k, v in config.items()}
        self.client.update_queue(
            queue=tasks_v2.Queue(name=QUEUE, retry_config=config),
            update_mask={"paths": ["retry_config"]},
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API; returns the JSON, or None without content."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        url = f"{self.tasks.control_url}{path}"
        request = Request(url, data=data, headers=headers, method=method)
        with urlopen(request, timeout=PATIENCE_S) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def outcomes(self) -> list[str]:
        """How the attempts ended, oldest first."""
        found = self.control("GET", "/control/attempts")["attempts"]
        return [attempt["outcome"] for attempt in reversed(found)]


SECONDS = ("min_backoff", "max_backoff", "max_retry_duration")


def client_of(address: str) -> tuple[grpc.Channel, tasks_v2.CloudTasksClient]:
    """The unmodified client, connected to a stand-in."""
    channel = grpc.insecure_channel(address)
    transport = CloudTasksGrpcTransport(channel=channel)
    return channel, tasks_v2.CloudTasksClient(transport=transport)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status = receiver.take(Received(self.command, self.path, self.headers, body))
            try:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.end_headers()
            except OSError:
                return  # The stand-in hung up, as some tests want it to.

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 (http.server's names)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
