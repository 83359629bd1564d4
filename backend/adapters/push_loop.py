"""
The thread behind `push_wire.py`: HTTP/2 by libcurl's multi interface, driven by ready sockets.

libcurl, because it takes 40 µs of a core per request where others take 100 to 1,500 (decision 46).
"""

import ctypes
import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pycurl
import structlog

from backend.kit.clock import SystemClock

log = structlog.get_logger()

MACHINE = SystemClock()  # What libcurl's timers run by, whatever time it is for the service.

CONNECTIONS = 6  # Of a hundred streams each: 12,000 requests a second at 50 ms.
STREAMS = 100
PLAIN_CONNECTIONS = 32  # Without TLS there is no HTTP/2, and one request a connection.
TIMEOUT_MS = 10_000  # To connect, and to wait for a stream, too.
LONGEST_ANSWER_BYTES = 64 * 1024
IDLE_S = 60  # After so long without a request the connections are closed, and the thread ends.
LONGEST_LIFE_S = 3600  # Of a connection, so that a name that moves is followed.
NOT_SENT, UNREACHABLE, UNANSWERED, TIMED_OUT = (
    "NOT_SENT",
    "UNREACHABLE",
    "UNANSWERED",
    "TIMED_OUT",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What came back for one request. `retry_after` is in seconds, 0 without the header.

    `status` 0: nothing usable did, and `failure` says why: `NOT_SENT` as it was held back,
    `UNREACHABLE` before it went out, `TIMED_OUT` or `UNANSWERED` when it may have arrived.
    """

    status: int
    body: bytes = b""
    retry_after: int = 0
    failure: str = ""


class Batch:
    """Requests that are waited for together."""

    def __init__(self, authorization: str, bodies: Sequence[bytes]) -> None:
        self.authorization = authorization
        self.bodies = bodies
        self.answers: list[Answer] = [Answer(0, failure=NOT_SENT)] * len(bodies)
        self.left = len(bodies)
        self.done = threading.Event()

    def answered(self, place: int, answer: Answer) -> None:
        """Keep an answer; the last one wakes whoever waits."""
        self.answers[place] = answer
        self.left -= 1
        if not self.left:
            self.done.set()


class Handles:
    """libcurl's handles, each for one request at a time; made as they are needed."""

    def __init__(self, url: str, ca_file: str, timeout_ms: int) -> None:
        self._url, self._ca_file, self._timeout_ms = url, ca_file, timeout_ms
        has_tls = url.startswith("https://")
        self.connections = CONNECTIONS if has_tls else PLAIN_CONNECTIONS
        self._room = CONNECTIONS * STREAMS if has_tls else PLAIN_CONNECTIONS
        self._free: list[Any] = []

    def take(self, batch: Batch, place: int) -> Any | None:
        """Return a handle for a request; None while as many are under way as may be."""
        if not self._free:
            if not self._room:
                return None
            self._room -= 1
            self._free.append(self._new())
        curl, body = self._free.pop(), batch.bodies[place]
        curl.batch, curl.place, curl.answer = batch, place, BytesIO()
        if curl.authorization != batch.authorization:
            curl.authorization = batch.authorization
            curl.setopt(pycurl.HTTPHEADER, _headers(batch.authorization))
        # Read, not handed over: libcurl can then not send it again by itself when a lasting
        # connection breaks, which it does else, and which would push twice.
        curl.setopt(pycurl.READFUNCTION, BytesIO(body).read)
        curl.setopt(pycurl.POSTFIELDSIZE, len(body))
        curl.setopt(pycurl.WRITEFUNCTION, curl.answer.write)
        return curl

    def give_back(self, curl: Any) -> None:
        """Let a handle serve another request."""
        curl.batch = curl.answer = None
        self._free.append(curl)

    def close(self) -> None:
        """Free the handles."""
        for curl in self._free:
            curl.close()

    def _new(self) -> Any:
        curl: Any = pycurl.Curl()
        curl.authorization = ""
        curl.setopt(pycurl.URL, self._url)
        curl.setopt(pycurl.CAINFO, self._ca_file)
        curl.setopt(pycurl.POST, 1)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
        curl.setopt(pycurl.PIPEWAIT, 1)  # For a stream of a connection that is being made.
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, self._timeout_ms)  # Its own default ends earlier.
        curl.setopt(pycurl.TIMEOUT_MS, self._timeout_ms)
        curl.setopt(pycurl.MAXFILESIZE, LONGEST_ANSWER_BYTES)
        curl.setopt(pycurl.MAXLIFETIME_CONN, LONGEST_LIFE_S)
        curl.setopt(pycurl.TCP_KEEPALIVE, 1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        return curl


class Loop:
    """The thread that speaks: libcurl's multi interface, driven by the sockets that are ready."""

    def __init__(
        self, handles: Handles, on_answer: Callable[[Answer], None], is_held: Callable[[], bool]
    ) -> None:
        self._handles, self._on_answer, self._is_held = handles, on_answer, is_held
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Batch, int]] = deque()
        self._under_way: set[Any] = set()
        self._heard_at: dict[int, float] = {}  # By socket: when an answer came last.
        self._timer_at: float | None = None
        self._ended = False
        self._selector = selectors.DefaultSelector()
        self._wakes, self._waker = os.pipe()
        os.set_blocking(self._wakes, False)
        os.set_blocking(self._waker, False)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._multi: Any = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, handles.connections)
        self._multi.setopt(pycurl.M_MAX_CONCURRENT_STREAMS, STREAMS)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        threading.Thread(target=self._run, name="push", daemon=True).start()

    def begin(self, batch: Batch) -> bool:
        """Send a batch from now on. False where this loop has ended."""
        with self._lock:
            if self._ended:
                return False
            self._waiting.extend((batch, place) for place in range(len(batch.bodies)))
            with suppress(BlockingIOError):  # Full of wake-ups: it will wake.
                os.write(self._waker, b"w")
        return True

    def abandon(self) -> None:
        """
        Keep a child process from disturbing its parent's connections.

        Freed, libcurl would say good-bye on them. So nothing here is ever freed.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))

    def _run(self) -> None:
        try:
            while not self._ended:
                self._step()
        except Exception:  # Nobody may wait for ever, whatever broke; the next call begins anew.
            log.exception("push.wire_broke")
        with self._lock:
            self._ended = True
        for curl in self._under_way:
            curl.batch.answered(curl.place, Answer(0, failure=UNANSWERED))
        for batch, place in self._waiting:
            batch.answered(place, Answer(0, failure=NOT_SENT))
        self._close()

    def _close(self) -> None:
        self._handles.close()
        self._multi.close()
        self._selector.close()
        os.close(self._wakes)
        os.close(self._waker)

    def _step(self) -> None:
        found = self._selector.select(self._patience_s())
        if not found and self._timer_at is None:
            self._rest()
        for key, ready in found:
            if key.fd == self._wakes:
                os.read(self._wakes, 4096)
            else:
                self._multi.socket_action(key.fd, _to_curl(ready))
        if self._timer_at is not None and self._timer_at <= MACHINE.monotonic():
            self._timer_at = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._reap()
        self._start()

    def _rest(self) -> None:
        """Take no more, if there is still nothing to do: `begin` then makes another loop."""
        with self._lock:
            self._ended = not self._waiting and not self._under_way

    def _patience_s(self) -> float:
        if self._timer_at is None:
            return IDLE_S
        return max(0.0, self._timer_at - MACHINE.monotonic())

    def _start(self) -> None:
        while self._waiting:
            batch, place = self._waiting[0]
            if self._is_held():
                batch.answered(place, Answer(0, failure=NOT_SENT))
            else:
                curl = self._handles.take(batch, place)
                if curl is None:
                    return
                curl.began_at = MACHINE.monotonic()
                self._under_way.add(curl)
                self._multi.add_handle(curl)
            self._waiting.popleft()

    def _reap(self) -> None:
        more = 1
        while more:
            more, whole, failed = self._multi.info_read()
            for curl in whole:
                self._heard_at[curl.getinfo(pycurl.ACTIVESOCKET)] = MACHINE.monotonic()
                status = curl.getinfo(pycurl.RESPONSE_CODE)
                wait_s = curl.getinfo(pycurl.RETRY_AFTER)
                self._finish(curl, Answer(status, curl.answer.getvalue(), wait_s))
            for curl, code, _ in failed:
                failure = _failure(curl, code)
                if failure == TIMED_OUT:
                    self._leave_if_silent(curl)
                self._finish(curl, Answer(0, failure=failure))

    def _leave_if_silent(self, curl: Any) -> None:
        """
        Cut the connection of a request that timed out, if nothing else has come over it meanwhile.

        libcurl would put all that follows on it, until the kernel gives it up or its hour is over.
        """
        connection = curl.getinfo(pycurl.ACTIVESOCKET)
        if connection < 0 or self._heard_at.get(connection, 0.0) > curl.began_at:
            return
        with suppress(OSError), socket.socket(fileno=os.dup(connection)) as silent:
            silent.shutdown(socket.SHUT_RDWR)

    def _finish(self, curl: Any, answer: Answer) -> None:
        self._multi.remove_handle(curl)
        self._under_way.discard(curl)
        batch, place = curl.batch, curl.place
        self._handles.give_back(curl)
        try:
            self._on_answer(answer)
        finally:
            batch.answered(place, answer)

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """Watch a socket, or no longer, as libcurl wants it."""
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)
        wanted = _from_curl(what)
        if wanted:
            self._selector.register(descriptor, wanted)

    def _set_timer(self, timeout_ms: int) -> None:
        self._timer_at = None if timeout_ms < 0 else MACHINE.monotonic() + timeout_ms / 1000


def _failure(curl: Any, code: int) -> str:
    if not curl.getinfo(pycurl.REQUEST_SIZE):  # Not a byte of it has gone out.
        return UNREACHABLE
    return TIMED_OUT if code == pycurl.E_OPERATION_TIMEDOUT else UNANSWERED


def _headers(authorization: str) -> list[str]:
    # An empty one takes away what libcurl adds: it would wait a second for "100 Continue".
    return [f"Authorization: {authorization}", "Content-Type: application/json", "Expect:"]


def _to_curl(ready: int) -> int:
    reading = pycurl.CSELECT_IN if ready & selectors.EVENT_READ else 0
    return reading | (pycurl.CSELECT_OUT if ready & selectors.EVENT_WRITE else 0)


def _from_curl(what: int) -> int:
    if what == pycurl.POLL_REMOVE:
        return 0
    reading = selectors.EVENT_READ if what & pycurl.POLL_IN else 0
    return reading | (selectors.EVENT_WRITE if what & pycurl.POLL_OUT else 0)
