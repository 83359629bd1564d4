"""A TCP proxy that can hold back what flows through it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class HoldingProxy:
    """Forwards to one address. While it holds, bytes wait in it, and nobody is told."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._flows = threading.Event()
        self._flows.set()
        self.has_held = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def hold(self) -> None:
        """Let nothing through, until `release`."""
        self.has_held.clear()
        self._flows.clear()

    def release(self) -> None:
        """Let everything through again, and what has waited first."""
        self._flows.set()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._flows.is_set():
                    self.has_held.set()
                    self._flows.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def holding_proxy(target: str) -> Iterator[HoldingProxy]:
    """A proxy in front of an address, until the end of the block."""
    proxy = HoldingProxy(target)
    try:
        yield proxy
    finally:
        proxy.release()
        proxy.close()
