"""An HTTP/2 server over TLS that does to each request what a test says: what FCM's front may do."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from tests.local.https_redirect import certify

ACCEPTED = b'{"name": "projects/demo/messages/0:1"}'
STREAMS = 100


class Fate(Enum):
    """What becomes of a request, or of the connection that it came on."""

    ANSWERED = "answered"
    NEVER = "never"  # No answer, and the connection stays.
    CUT = "cut"  # The connection breaks, with all that is on it.
    REFUSED = "refused"  # RST_STREAM with REFUSED_STREAM (RFC 9113, 8.7): it was not looked at.
    LAST = "last"  # Answered, then GOAWAY: the connection takes no more.


@dataclass(frozen=True)
class Reply:
    """What a request is answered, `after_s` seconds later."""

    fate: Fate = Fate.ANSWERED
    status: int = 200
    body: bytes = ACCEPTED
    headers: tuple[tuple[str, str], ...] = ()
    after_s: float = 0


@dataclass(frozen=True)
class Received:
    """A request: on which connection (from 0), its `Authorization`, and its body."""

    connection: int
    authorization: str
    body: bytes


class Http2Server:
    """Serves on https://localhost, with a certificate that only `ca_file` vouches for."""

    def __init__(self, folder: Path, reply: Callable[[Received], Reply] = lambda _: Reply()):
        self.reply = reply
        self.ca_file = str(folder / "ca.pem")
        certify("localhost", folder / "ca.pem", folder / "chain.pem")
        self.received: list[Received] = []
        self.ended = 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(folder / "chain.pem")
        self._tls.set_alpn_protocols(["h2"])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections = 0

    @property
    def url(self) -> str:
        return f"https://localhost:{self._port}/v1/projects/demo/messages:send"

    @property
    def connections(self) -> int:
        """How many were ever opened."""
        return self._connections

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.run_coroutine_threadsafe(self._serve(), self._loop)
        self._port = serving.result(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self) -> int:
        server = await self._loop.create_server(
            lambda: _Connection(self), "127.0.0.1", 0, ssl=self._tls, backlog=512
        )
        return int(server.sockets[0].getsockname()[1])

    def opened(self) -> int:
        self._connections += 1
        return self._connections - 1


class _Connection(asyncio.Protocol):
    def __init__(self, server: Http2Server):
        self._server = server
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._open: dict[int, tuple[str, bytearray]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._number = transport, self._server.opened()
        self._h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: STREAMS})
        self._h2.initiate_connection()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.ended += 1

    def data_received(self, data: bytes) -> None:
        try:
            events = self._h2.receive_data(data)
        except ProtocolError:
            self._transport.abort()
            return
        for event in events:
            if isinstance(event, RequestReceived):
                headers = dict(event.headers)
                self._open[event.stream_id] = (headers.get("authorization", ""), bytearray())
            elif isinstance(event, DataReceived):
                self._open[event.stream_id][1].extend(event.data)
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self._take(event.stream_id)
        self._flush()

    def _take(self, stream_id: int) -> None:
        authorization, body = self._open.pop(stream_id)
        request = Received(self._number, authorization, bytes(body))
        self._server.received.append(request)
        reply = self._server.reply(request)
        loop = asyncio.get_running_loop()
        loop.call_later(reply.after_s, self._answer, stream_id, reply)

    def _answer(self, stream_id: int, reply: Reply) -> None:
        if reply.fate is Fate.NEVER:
            return
        if reply.fate is Fate.CUT:
            self._transport.abort()
            return
        with suppress(ProtocolError):  # The client may have given up on it.
            if reply.fate is Fate.REFUSED:
                self._h2.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            else:
                headers = [(":status", str(reply.status)), *reply.headers]
                self._h2.send_headers(stream_id, headers)
                self._send(stream_id, reply.body)
            if reply.fate is Fate.LAST:
                self._h2.close_connection()
        self._flush()

    def _send(self, stream_id: int, body: bytes) -> None:
        size = self._h2.max_outbound_frame_size
        for begin in range(0, len(body), size):
            self._h2.send_data(stream_id, body[begin : begin + size])
        self._h2.end_stream(stream_id)

    def _flush(self) -> None:
        self._transport.write(self._h2.data_to_send())
