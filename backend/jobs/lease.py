"""
A lease on being the one runner, with a fencing token.

After Gray and Cheriton's leases, with the fencing tokens of Kleppmann's "How to do distributed
locking": every new holder gets a higher number, and what it writes carries the number.
"""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Stored

log = structlog.get_logger()

NOBODY = ""
# Of its time to live: early enough that one lost renewal loses nothing.
RENEWED_AFTER = 2 / 3


class Lease:
    """
    `leases/{name}`: held by renewing it more often than every `ttl_s` seconds.

    No clock is compared with another machine's: a contender takes the lease when it has itself
    watched the document stay the same for `ttl_s`, by its own monotonic seconds.
    """

    def __init__(self, store: Store, clock: Clock, *, name: str, holder: str, ttl_s: float) -> None:
        self._store = store
        self._clock = clock
        self._path = f"leases/{name}"
        self._holder = holder
        self._ttl_s = ttl_s
        self._held: Stored | None = None
        self._renewed_at = 0.0
        self._watched: tuple[datetime, float] | None = None

    @property
    def fence(self) -> int | None:
        """The fencing token, or None if the lease is not held, or may have passed to another."""
        if self._held is None or self._clock.monotonic() - self._renewed_at >= self._ttl_s:
            return None
        return int(self._held.fields["fence"])

    def hold(self) -> None:
        """Renew the lease, or take it if it is free."""
        if self._held is not None:
            if not self._write(self._held.fields["fence"], seen=self._held):
                log.warning("lease.lost")
            return
        seen = self._store.get(self._path)
        is_free = seen is None or seen.fields["holder"] == NOBODY or self._has_stood_still(seen)
        fence = (seen.fields["fence"] if seen else 0) + 1
        if is_free and self._write(fence, seen=seen):
            log.info("lease.taken", fence=fence)

    def release(self) -> None:
        """Give the lease back, so that another runner need not wait."""
        if self._held is not None:
            freed = {**self._held.fields, "holder": NOBODY}
            self._store.swap(self._path, freed, seen=self._held)
            self._held = None
            log.info("lease.released")

    def _write(self, fence: int, *, seen: Stored | None) -> bool:
        # Taken before the write: the lease runs from when we asked, not from when we heard.
        asked_at = self._clock.monotonic()
        renewals = seen.fields["renewals"] + 1 if seen else 0
        # `renewals` changes with every write: one that changes nothing keeps its update_time.
        fields = {"holder": self._holder, "fence": fence, "renewals": renewals}
        self._held = self._store.swap(self._path, fields, seen=seen)
        self._renewed_at = asked_at
        return self._held is not None

    def _has_stood_still(self, seen: Stored) -> bool:
        now = self._clock.monotonic()
        if self._watched is None or self._watched[0] != seen.updated_at:
            self._watched = (seen.updated_at, now)
            return False
        return now - self._watched[1] > self._ttl_s
