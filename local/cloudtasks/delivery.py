"""One HTTP request to a handler. It can be called off from another thread, at the deadline."""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from local.cloudtasks.identity import Identity
from local.cloudtasks.model import Outcome, Task

USER_AGENT = "Google-Cloud-Tasks"
REPLACED_HEADERS = frozenset({"host", "content-length", "user-agent", "transfer-encoding"})
RESERVED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudtasks-")
SAFE_IN_TARGET = "%/?:@!$&'()*+,;=~-._[]"
DEADLINE_EXCEEDED = "the dispatch deadline passed"


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes


def is_forwarded(header: str) -> bool:
    """Tell whether a caller's header reaches the handler; the service sets some itself."""
    name = header.lower()
    return name not in REPLACED_HEADERS and not name.startswith(RESERVED_PREFIXES)


def request_for(task: Task, identity: Identity) -> Request:
    """
    Return the request of a task whose attempt has begun.

    The service's own headers win over the caller's. A retry carries TaskRetryReason too; the
    real service was seen to leave its value empty for HTTP tasks, so it is empty here.
    """
    call = task.call
    headers = {name: value for name, value in call.headers.items() if is_forwarded(name)}
    headers["User-Agent"] = USER_AGENT
    headers["X-CloudTasks-QueueName"] = task.short_queue
    headers["X-CloudTasks-TaskName"] = task.short_name
    headers["X-CloudTasks-TaskRetryCount"] = str(task.dispatch_count - 1)
    headers["X-CloudTasks-TaskExecutionCount"] = str(task.execution_count)
    headers["X-CloudTasks-TaskETA"] = f"{task.scheduled_at.timestamp():.6f}"
    if call.oidc is not None:
        headers = {n: v for n, v in headers.items() if n.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {identity.token(call.oidc, url=call.url)}"
    return Request(call.url, call.method, headers, call.body)


def retry_headers(previous_status: int) -> dict[str, str]:
    """Return the headers that only a retry carries."""
    return {
        "X-CloudTasks-TaskPreviousResponse": str(previous_status),
        "X-CloudTasks-TaskRetryReason": "",
    }


class Delivery:
    """A request under way."""

    def __init__(self, prepare: Callable[[], Request], *, timeout_s: float) -> None:
        """Take `prepare` for later: signing a token belongs in the thread that sends."""
        self._prepare = prepare
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._called_off: Outcome | None = None

    def run(self) -> Outcome:
        """Send the request and return how it ended. Never raises for what a handler may do."""
        try:
            status = self._exchange(self._prepare())
        except TimeoutError:
            ended = Outcome(None, DEADLINE_EXCEEDED, is_deadline_exceeded=True)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # ValueError: a URL that passed the checks and still cannot be sent to.
            ended = Outcome(None, f"{type(error).__name__}: {error}")
        else:
            ended = Outcome(status)
        with self._lock:
            return self._called_off or ended

    def call_off(self, reason: str, *, is_deadline_exceeded: bool = False) -> None:
        """Break the connection; `run` then returns this reason."""
        with self._lock:
            if self._called_off is not None:
                return
            self._called_off = Outcome(None, reason, is_deadline_exceeded=is_deadline_exceeded)
            if self._socket is not None:
                _shut(self._socket)

    def _exchange(self, request: Request) -> int:
        url = urlsplit(request.url)
        connection = _connection(url.scheme, url.hostname or "", url.port, self._timeout_s)
        try:
            connection.connect()
            self._register(connection.sock)
            target = quote(url.path or "/", safe=SAFE_IN_TARGET)
            if url.query:
                target += "?" + quote(url.query, safe=SAFE_IN_TARGET)
            # Not connection.request(): that one changes nothing of ours, but adds
            # Accept-Encoding, which the real service does not promise.
            connection.putrequest(request.method, target, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value.encode("latin-1"))
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body or None)
            response = connection.getresponse()
            while response.read(65536):
                pass
            return response.status
        finally:
            with self._lock:
                self._socket = None
            connection.close()

    def _register(self, connected: socket.socket) -> None:
        with self._lock:
            if self._called_off is not None:
                raise ConnectionAbortedError(self._called_off.reason)
            self._socket = connected


def _connection(
    scheme: str, host: str, port: int | None, timeout_s: float
) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(host, port, timeout=timeout_s)


def _shut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # It has just ended by itself.
