"""Keeping a lease, or contending for it, on a thread of its own, whatever the ticks are doing."""

import threading
from collections.abc import Callable

import structlog

from backend.jobs.lease import Lease
from backend.kit.errors import TaskFlowError

log = structlog.get_logger()

# Of the time to live: after a renewal that failed there is time for several more.
AGAIN_AFTER = 1 / 15


class Heartbeat:
    """
    Calls `hold` when the lease asks for it, until stopped.

    `taken` is called whenever the lease has passed to this process, `broke` with what nobody
    foresaw; the heart goes on beating.
    """

    def __init__(
        self, lease: Lease, *, taken: Callable[[], None], broke: Callable[[Exception], None]
    ) -> None:
        self._lease = lease
        self._taken = taken
        self._broke = broke
        self._stopping = threading.Event()
        # A daemon: a process that dies of something else must not be kept holding the lease.
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to hold the lease, or to wait for it."""
        self._thread.start()

    def stop(self) -> None:
        """Give the lease back, if it is held, so that another process need not wait."""
        self._stopping.set()
        self._thread.join()
        self._guarded(self._release)

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stopping.wait(wait_s):
            wait_s = self._guarded(self._beat) or self._lease.ttl_s * AGAIN_AFTER

    def _beat(self) -> float:
        fence = self._lease.fence
        wait_s = self._lease.hold()
        if self._lease.fence not in (None, fence):
            self._taken()
        return wait_s

    def _release(self) -> float:
        self._lease.release()
        return 0.0

    def _guarded(self, work: Callable[[], float]) -> float:
        """Let a failure wait for the next time; 0 tells of one."""
        try:
            return work()
        except TaskFlowError as error:
            log.warning("lease.failed", code=error.code, detail=error.detail)
        except Exception as error:  # noqa: BLE001 - a heart that stops would stop all ticks.
            self._broke(error)
        return 0.0
