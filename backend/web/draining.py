"""Whether this process is on its way out, so that nobody sends it anything new."""

import signal
from threading import Event
from types import FrameType

_begun = Event()


def is_draining() -> bool:
    """Say whether the process has been asked to stop. What has begun is still answered."""
    return _begun.is_set()


def drain_on_sigterm() -> None:
    """Say so from SIGTERM on, before the server's own handler stops accepting connections."""
    server_handler = signal.getsignal(signal.SIGTERM)

    def begin(number: int, frame: FrameType | None) -> None:
        _begun.set()  # Nothing else here: a handler may interrupt whatever holds a lock.
        if callable(server_handler):
            server_handler(number, frame)

    signal.signal(signal.SIGTERM, begin)
    signal.siginterrupt(signal.SIGTERM, False)
