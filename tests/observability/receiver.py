"""An HTTP server that takes whatever is posted to it, as collectors do."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import brotli
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

UNPACK = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Receiver:
    """What has been posted, by path."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes]] = []
        self.url = ""

    def spans(self) -> list[Any]:
        """Every span that was exported."""
        found = []
        for path, body in list(self.posted):
            assert "/v1/traces" == path
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found

    def events(self) -> list[dict[str, Any]]:
        """Every event in Sentry's envelopes."""
        found = []
        for _, body in list(self.posted):
            lines = body.splitlines()
            found += [
                json.loads(payload)
                for header, payload in zip(lines[1::2], lines[2::2], strict=True)
                if json.loads(header)["type"] == "event"
            ]
        return found


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Start a receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = UNPACK[self.headers.get("Content-Encoding", "identity")]
            receiver.posted.append((self.path, unpack(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
