"""
gunicorn's threaded worker, with threads that never wait for a client.

In gunicorn's own, a connection takes a thread as soon as its first byte is there, and keeps it,
without time-out, until the answer is sent: as many slow clients as there are threads stop the
service. Here the worker's main loop collects each request, a thread gets it when it has all
arrived, and what the network does not take of the answer goes out through the main loop again. A
slow client costs a socket and a buffer, and both for a limited time. The same goes for connections
that are being closed, to which gunicorn's main loop would listen for two seconds, one by one.
"""

import socket
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

import structlog
from gunicorn.http import wsgi
from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

from backend.kit.clock import SystemClock
from backend.kit.errors import InvalidArgument
from backend.server.arrival import Arrival
from backend.server.ends import Anonymous, Arrived, Outbox
from backend.server.refusals import Refusal, refusal, refusal_of

log = structlog.get_logger()

RECEIVE_BYTES = 64 * 1024
HELD_BYTES = 64 * 1024 * 1024  # Of requests still arriving, and answers still to be read.
SEND_S = 30.0  # For a whole answer: the client reads it or loses it.
LINGER_S = 2.0
LOOK_S = 0.25
GO_AHEAD = b"HTTP/1.1 100 Continue\r\n\r\n"
CROWDED = 0.9  # Of gunicorn's `worker_connections`, at which it would stop to accept any.
SETTLED_S = 1.0  # Honest clients have sent their request by then.


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """A worker for clients of any speed. `patience_s` is for one request to arrive in."""

    patience_s = 20.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._clock = SystemClock()
        self._arriving: dict[TConn, float] = {}  # Each with the moment at which it is given up.
        self._sending: dict[TConn, float] = {}
        self._lingering: dict[TConn, float] = {}
        self._held_bytes = 0
        self._look_at = 0.0
        wsgi.Response = Anonymous

    def enqueue_req(self, conn: TConn) -> None:
        """Begin to collect the next request of a connection: a new one, or one that was kept."""
        conn.init()
        if not isinstance(conn.parser.unreader, Arrived):
            conn.parser.unreader = Arrived()
        conn.sock.setblocking(False)
        conn.arrival, conn.outgoing = Arrival(), bytearray()
        self._arriving[conn] = self._clock.monotonic() + self.patience_s
        self.poller.register(conn.sock, EVENT_READ, partial(self._receive, conn))
        # Some clients send the next request before they have read the answer to the last.
        if early := conn.parser.unreader.rest():
            self._take(conn, early)
        else:
            self._receive(conn)

    def finish_request(self, conn: TConn, future: "Future[bool]") -> None:
        """Keep a connection for its next request, or close it as RFC 9112 section 9.6 says."""
        if future.cancelled() or future.exception() is not None:
            self._linger(conn)
        elif conn.outgoing:
            self._held_bytes += len(conn.outgoing)
            self._sending[conn] = self._clock.monotonic() + SEND_S
            more = partial(self._send_more, conn, future)
            self.poller.register(conn.sock, EVENT_WRITE, more)
        elif future.result():
            super().finish_request(conn, future)
        else:
            self._linger(conn)

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """Let the application answer a request, and send what the network takes of it at once."""
        req._expected_100_continue = False  # noqa: SLF001 - said already, when its head was here.
        if not conn.arrival.is_whole:
            req.force_close()  # Nobody knows where on the connection the next one begins.
        sock, outbox = conn.sock, Outbox()
        conn.sock = outbox
        try:
            is_kept = bool(super().handle_request(req, conn))
        finally:
            conn.sock = sock
        sock.setblocking(False)
        conn.outgoing = outbox.data
        with suppress(BlockingIOError):  # It has not read the answer before.
            del conn.outgoing[: sock.send(conn.outgoing)]
        return is_kept

    def handle_error(
        self, _req: Request | None, client: socket.socket, _addr: Any, exc: Exception
    ) -> None:
        """Answer what the parser refused, or what broke outside the application."""
        answer = refusal_of(exc)
        if answer.code == "internal":
            self.log.error("Error handling request", exc_info=exc)
        self._log(answer)
        client.settimeout(1)
        try:
            client.sendall(answer.to_http())
        except OSError:
            self.log.debug("The client was gone before its answer.")

    def murder_pending(self) -> None:
        """Give up who takes too long, or was here for longest when there is no room for others."""
        # Here and nowhere else, because here no event that was seen waits for its turn: it might
        # be one of a connection that is closed meanwhile.
        self._make_room()
        self._free_memory()
        now = self._clock.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        for conn in [conn for conn, until in self._arriving.items() if until <= now]:
            if len(conn.arrival):
                self._refuse(conn, refusal("request-timeout"))
            else:
                self._stop_receiving(conn)
                self._close(conn)
        for conn in [conn for conn, until in self._sending.items() if until <= now]:
            self._stop_sending(conn)
            self._close(conn)
        for conn in [conn for conn, until in self._lingering.items() if until <= now]:
            self._stop_lingering(conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        # A body that nobody read is here already, so to skip it takes no time. What follows it is
        # put where gunicorn looks for the beginning of another request.
        is_kept = bool(keepalive and conn.parser.finish_body())
        conn.parser.unreader.unread(conn.parser.unreader.rest())
        return is_kept

    def _cap_keepalive(self, deadline: float) -> None:
        # On the way out. New connections that have sent nothing are as good as kept-alive ones.
        super()._cap_keepalive(deadline)
        for conn, until in self._arriving.items():
            if not len(conn.arrival):
                self._arriving[conn] = min(until, deadline)

    def _make_room(self) -> None:
        # Who has been sending for longest leaves first, then who has been idle for longest.
        settled = self._clock.monotonic() + self.patience_s - SETTLED_S
        while self.nr_conns >= self.worker_connections * CROWDED:
            slowest = next(iter(self._arriving), None)
            if slowest and self._arriving[slowest] < settled:
                self._stop_receiving(slowest)
                self._close(slowest)
            elif self.keepalived_conns:
                idle = self.keepalived_conns.popleft()
                self.poller.unregister(idle.sock)
                self._close(idle)
            else:
                return

    def _free_memory(self) -> None:
        while self._held_bytes > HELD_BYTES:
            if self._arriving:
                self._refuse(next(iter(self._arriving)), refusal("unavailable"))
            else:
                unread = next(iter(self._sending))
                self._stop_sending(unread)
                self._close(unread)

    def _receive(self, conn: TConn, _socket: socket.socket | None = None) -> None:
        try:
            data = conn.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(conn, data)
        elif conn.arrival.has_head:
            self._hand_over(conn)  # Its body broke off. The application says so.
        else:
            self._stop_receiving(conn)
            self._close(conn)

    def _take(self, conn: TConn, data: bytes) -> None:
        self._held_bytes += len(data)
        try:
            conn.arrival.add(data)
        except InvalidArgument as error:
            self._refuse(conn, refusal(error.code, error.detail))
            return
        if conn.arrival.is_ready:
            self._hand_over(conn)
        elif conn.arrival.awaits_go_ahead:
            conn.arrival.awaits_go_ahead = False
            self._send(conn, GO_AHEAD)

    def _hand_over(self, conn: TConn) -> None:
        self._stop_receiving(conn)
        conn.parser.unreader.put(conn.arrival.everything())
        super().enqueue_req(conn)

    def _refuse(self, conn: TConn, answer: Refusal) -> None:
        self._stop_receiving(conn)
        self._log(answer)
        self._send(conn, answer.to_http())
        self._linger(conn)

    def _send(self, conn: TConn, data: bytes) -> None:
        # Never waits: a client with no room for a few hundred bytes does not read.
        try:
            conn.sock.send(data)
        except OSError:
            self.log.debug("The client was gone before its answer.")

    def _send_more(
        self, conn: TConn, future: "Future[bool]", _socket: socket.socket | None = None
    ) -> None:
        try:
            sent = conn.sock.send(conn.outgoing)
        except BlockingIOError:
            return
        except OSError:
            self._stop_sending(conn)
            self._close(conn)
            return
        del conn.outgoing[:sent]
        self._held_bytes -= sent
        if not conn.outgoing:
            self._stop_sending(conn)
            self.finish_request(conn, future)

    def _stop_sending(self, conn: TConn) -> None:
        del self._sending[conn]
        self._held_bytes -= len(conn.outgoing)
        self.poller.unregister(conn.sock)

    def _linger(self, conn: TConn) -> None:
        # To close at once, while data of the client is still under way, would make the network
        # throw away the answer that it has not read yet.
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._discard, conn))
        except (OSError, ValueError, KeyError):
            self._close(conn)
        else:
            self._lingering[conn] = self._clock.monotonic() + LINGER_S

    def _discard(self, conn: TConn, _socket: socket.socket) -> None:
        try:
            is_open = bool(conn.sock.recv(RECEIVE_BYTES))
        except BlockingIOError:
            return
        except OSError:
            is_open = False
        if not is_open:
            self._stop_lingering(conn)

    def _stop_lingering(self, conn: TConn) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _stop_receiving(self, conn: TConn) -> None:
        del self._arriving[conn]
        self._held_bytes -= len(conn.arrival)
        self.poller.unregister(conn.sock)

    def _close(self, conn: TConn) -> None:
        conn.close()
        self.nr_conns -= 1

    def _log(self, answer: Refusal) -> None:
        # The one line of a request that the application never sees.
        log.warning("http.request_refused", request_id=answer.request_id, code=answer.code)
