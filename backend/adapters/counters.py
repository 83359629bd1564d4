"""Counting what happens within a stretch of time: in this process, or in Redis for all."""

from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any, Protocol, cast

from backend.adapters.redis_link import RedisLink
from backend.kit.clock import Clock
from backend.kit.errors import Unavailable

MAX_KEYS = 100_000

# INCRBY and EXPIRE as one, so that no counter can be left without an end. Times in milliseconds.
ADD = """
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {used, left}
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How much was counted, and in how many seconds counting begins anew."""

    used: int
    left_s: float


class Counters(Protocol):
    """Counters by key, each beginning with what is first added and ending `window_s` later."""

    def add(self, key: str, amount: int, *, window_s: float) -> Count:
        """Add to a counter, and return what it then holds. Never fails."""

    def look(self, key: str) -> Count:
        """Return what a counter holds. Never fails."""

    def ping(self) -> None:
        """
        See whether counting works as it was set up.

        Raises:
            Unavailable: it does not; each process counts for itself meanwhile.
        """


class MemoryCounters:
    """Counters of this process alone. Beyond `MAX_KEYS`, the oldest are dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    def add(self, key: str, amount: int, *, window_s: float) -> Count:
        """Add to a counter, and return what it then holds."""
        with self._lock:
            now = self._clock.monotonic()
            used, ends_at = self._counts.get(key, (0, 0.0))
            if ends_at <= now:
                self._counts.pop(key, None)  # To be put in again behind those that end earlier.
                self._drop_ended(now)
                used, ends_at = 0, now + window_s
            self._counts[key] = used + amount, ends_at
            return Count(used + amount, ends_at - now)

    def look(self, key: str) -> Count:
        """Return what a counter holds."""
        with self._lock:
            now = self._clock.monotonic()
            used, ends_at = self._counts.get(key, (0, 0.0))
            return Count(used, ends_at - now) if now < ends_at else Count(0, 0.0)

    def ping(self) -> None:
        """Do nothing: memory is always there."""

    def _drop_ended(self, now: float) -> None:
        # They stand in the order they began in. Two looked at for one put in: none stay for ever.
        for key in list(islice(self._counts, 2)):
            if self._counts[key][1] <= now or len(self._counts) >= MAX_KEYS:
                del self._counts[key]


class RedisCounters:
    """
    Counters in Redis, shared by all processes.

    While Redis does not answer, each process counts for itself from 0: limits go on, a little
    wider. flask-limiter's own fall-back does not serve under load: of 16 requests in flight when
    Redis hung, 15 were answered 500 (Flask-Limiter 4.1.1).
    """

    def __init__(self, link: RedisLink, clock: Clock, *, project_id: str) -> None:
        self._link = link
        self._prefix = f"taskflow:{project_id}:limit"
        self._meanwhile = MemoryCounters(clock)

    def add(self, key: str, amount: int, *, window_s: float) -> Count:
        """Add to a counter, and return what it then holds. One round trip."""
        name, window_ms = self._name(key), int(window_s * 1000)
        try:
            answer = self._link.call(lambda redis: redis.eval(ADD, 1, name, amount, window_ms))
        except Unavailable:
            return self._meanwhile.add(key, amount, window_s=window_s)
        used, left_ms = cast("list[int]", answer)
        return Count(used, left_ms / 1000)

    def look(self, key: str) -> Count:
        """Return what a counter holds. One round trip."""
        name = self._name(key)

        def ask(redis: Any) -> list[Any]:
            return list(redis.pipeline(transaction=False).get(name).pttl(name).execute())

        try:
            used, left_ms = self._link.call(ask)
        except Unavailable:
            return self._meanwhile.look(key)
        return Count(int(used or 0), max(0, left_ms) / 1000)

    def ping(self) -> None:
        """
        See whether Redis answers.

        Raises:
            Unavailable: it does not; each process counts for itself meanwhile.
        """
        self._link.ping()

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{key}"
