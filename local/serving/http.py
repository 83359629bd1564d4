"""
A WSGI app served on 127.0.0.1 by a thread of its own.

Werkzeug's server closes the connection after every answer, whatever its protocol version says;
clients of the real services keep theirs open, so this one does too. It also lets an app close a
connection without an answer, which is what a crash looks like from outside.
"""

import io
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, BinaryIO, cast
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.serving import DechunkedInput

from local.problems import Problem

HOST = "127.0.0.1"
HANG_UP = "taskflow.hang_up"
"""In the WSGI environment: call it to close this connection without an answer."""

_NOT_PASSED_ON = {"content-type", "content-length", "transfer-encoding"}
_BODY_LIMIT_BYTES = 8 * 1024 * 1024
_POLL_S = 0.02  # How long stopping may lag behind.


class HttpServer:
    """
    Serves `app` on 127.0.0.1 from `start()` to `stop()`; port 0 picks a free one.

    Raises:
        Problem: the port is taken or forbidden. `setting` names what to change.
    """

    def __init__(self, app: WSGIApplication, *, port: int, setting: str) -> None:
        try:
            self._server = _Server(app, port)
        except OSError as error:
            raise port_problem(port, setting, error) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="http", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Begin to answer. The port has been listening since construction."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut the connections that clients keep open."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.cut_connections()


def port_problem(port: int, setting: str, error: OSError) -> Problem:
    """Say in one sentence why a port cannot be had, and which setting moves it."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return Problem(
        f"Port {port} on {HOST} cannot be used ({reason.lower()}): "
        f"stop what uses it, or set {setting} to a free port."
    )


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512  # An SDK opens a hundred connections at once.

    def __init__(self, app: WSGIApplication, port: int) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with suppress(OSError):  # It was closed in between.
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # Clients may go at any time.
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Runs the app once per request, with the whole body read, so that the next one can follow."""

    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # One packet per answer.
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        body = self._read_body()
        if body is None:
            return
        hung_up = False

        def hang_up() -> None:
            nonlocal hung_up
            hung_up = True

        answer = _run(self.server.app, self._environ(body, hang_up))
        if hung_up:
            self.close_connection = True
        else:
            self._send(*answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep quiet: the inbox is the log."""

    def _read_body(self) -> bytes | None:
        """Read the body, or answer why not and return None; `send_error` ends the connection."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            try:
                return DechunkedInput(cast("BinaryIO", self.rfile)).read()
            except OSError:
                self.send_error(400)
                return None
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _BODY_LIMIT_BYTES:
            self.send_error(413 if length.isdecimal() else 400)
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError("The client went before it had sent the whole body.")
        return body

    def _environ(self, body: bytes, hang_up: Callable[[], None]) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        environ: WSGIEnvironment = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": str(self.client_address[0]),
            HANG_UP: hang_up,
        }
        for name in {name.lower() for name in self.headers} - _NOT_PASSED_ON:
            values = self.headers.get_all(name, [])
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = ",".join(values)
        return environ

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        self.send_header("Date", formatdate(usegmt=True))
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if code != "204":
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _run(
    app: WSGIApplication, environ: WSGIEnvironment
) -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: Any = None, /
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return written.append

    chunks: Iterable[bytes] = app(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    status, headers = started[-1]
    return status, headers, b"".join(written)
