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
# A contender looks this much after the lease has run out, so that it need not look again.
MARGIN_S = 0.1


class Lease:
    """
    `leases/{name}`: held by renewing it more often than every `ttl_s` seconds.

    No clock is compared with another machine's. A contender takes the lease when the document has
    stood still for `ttl_s`: by Firestore's instants of the read and of the write, or because it
    has itself watched it for so long, by its own monotonic seconds. The holder counts from before
    it asked for the write, so it stops earlier than anybody else can begin.
    """

    def __init__(self, store: Store, clock: Clock, *, name: str, holder: str, ttl_s: float) -> None:
        """Contend as `holder`, a name that no other process has or had."""
        self._store = store
        self._clock = clock
        self._path = f"leases/{name}"
        self._holder = holder
        self._ttl_s = ttl_s
        self._held: Stored | None = None
        self._renewed_at = 0.0
        self._watched: tuple[datetime, float] | None = None

    @property
    def ttl_s(self) -> float:
        """After how many seconds without a renewal it is free."""
        return self._ttl_s

    @property
    def fence(self) -> int | None:
        """The fencing token, or None if the lease is not held, or may have passed to another."""
        held, renewed_at = self._held, self._renewed_at
        if held is None or self._clock.monotonic() - renewed_at >= self._ttl_s:
            return None
        return int(held.fields["fence"])

    def hold(self) -> float:
        """
        Renew the lease, or take it if it is free; return in how many seconds to come again.

        A contender that comes then takes over from a silent holder within `ttl_s` and a moment,
        and reads no more often than the holder writes.

        Raises:
            Unavailable: Firestore did not answer; nothing is known about the lease.
        """
        if self._held is not None:
            if self._write(self._held.fields["fence"], seen=self._held):
                return self._ttl_s * RENEWED_AFTER
            log.warning("lease.lost")
        seen, age = self._store.aged(self._path)
        left_s = self._left_s(seen, age.total_seconds())
        if left_s > 0:
            return left_s + MARGIN_S
        fence = (seen.fields["fence"] if seen else 0) + 1
        if not self._write(fence, seen=seen):  # Another contender was faster, and has just begun.
            return self._ttl_s
        log.info("lease.taken", fence=fence)
        return self._ttl_s * RENEWED_AFTER

    def release(self) -> None:
        """Give the lease back, so that another runner need not wait."""
        if self._held is not None:
            held, self._held = self._held, None
            self._store.swap(self._path, {**held.fields, "holder": NOBODY}, seen=held)
            log.info("lease.released")

    def _left_s(self, seen: Stored | None, age_s: float) -> float:
        """Return for how long the lease is still another's; 0 and less where it is free."""
        # Our own where the answer to a write of ours was lost. It gets another number all the same.
        if seen is None or seen.fields["holder"] in (NOBODY, self._holder):
            return 0
        now = self._clock.monotonic()
        if self._watched is None or self._watched[0] != seen.updated_at:
            self._watched = (seen.updated_at, now)
        return self._ttl_s - max(age_s, now - self._watched[1])

    def _write(self, fence: int, *, seen: Stored | None) -> bool:
        # Taken before the write: the lease runs from when we asked, not from when we heard.
        asked_at = self._clock.monotonic()
        renewals = seen.fields["renewals"] + 1 if seen else 0
        # `renewals` changes with every write: one that changes nothing keeps its update_time.
        fields = {"holder": self._holder, "fence": fence, "renewals": renewals}
        held = self._store.swap(self._path, fields, seen=seen)
        # In this order: whoever asks for the fence in between must not take an old lease for new.
        self._held, self._renewed_at = held, asked_at
        return held is not None
