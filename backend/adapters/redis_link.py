"""Redis, asked only while it answers."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.kit.clock import Clock
from backend.kit.errors import Unavailable

log = structlog.get_logger()

T = TypeVar("T")

TIMEOUT_S = 0.3
PAUSE_S = 5.0
# The last is raised for bytes that are no text, which none of ours wrote.
NO_ANSWER = (RedisError, OSError, UnicodeError)


class RedisLinks:
    """One link to each Redis, whoever uses it: they find out together that it is silent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links: dict[str, RedisLink] = {}

    def to(self, url: str) -> "RedisLink":
        """Return the link to a Redis."""
        if url not in self._links:
            self._links[url] = RedisLink(url, self._clock)
        return self._links[url]

    def is_any_silent(self) -> bool:
        """Say whether one of them did not answer when last asked."""
        return any(link.is_silent for link in self._links.values())


class RedisLink:
    """
    A connection to one Redis, for everything in this process that uses it.

    A Redis that hangs costs whoever is waiting for it `timeout_s`, once: then nobody asks for
    `PAUSE_S` seconds, and after each pause one caller tries for all.
    """

    def __init__(self, url: str, clock: Clock, *, timeout_s: float = TIMEOUT_S) -> None:
        # Without this Retry, redis-py tries three more times, with pauses: seconds for one call.
        # Nothing is connected before the first call, hence after a server's fork.
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=timeout_s,
            socket_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        self._clock = clock
        self._lock = Lock()
        self._asked_again_at: float | None = None

    @property
    def is_silent(self) -> bool:
        """Whether Redis did not answer when last asked."""
        return self._asked_again_at is not None

    def call(self, ask: Callable[["Redis"], T]) -> T:
        """
        Ask Redis something.

        Raises:
            Unavailable: it does not answer, or is not asked because it did not answer just now.
        """
        if not self._is_asked():
            raise Unavailable("Redis is given a pause.")
        try:
            answer = ask(self._redis)
        except NO_ANSWER as error:
            self._fall_silent(error)
            raise Unavailable("Redis does not answer.") from error
        if self._asked_again_at is not None:
            self._asked_again_at = None
            log.info("redis.recovered")
        return answer

    def ping(self) -> None:
        """
        Ask for nothing but an answer.

        Raises:
            Unavailable: there is none.
        """
        self.call(lambda redis: redis.ping())

    def _is_asked(self) -> bool:
        with self._lock:
            if self._asked_again_at is None:
                return True
            now = self._clock.monotonic()
            if now < self._asked_again_at:
                return False
            self._asked_again_at = now + PAUSE_S  # The others wait for what this one finds.
            return True

    def _fall_silent(self, error: Exception) -> None:
        with self._lock:
            was_silent = self._asked_again_at is not None
            self._asked_again_at = self._clock.monotonic() + PAUSE_S
        if not was_silent:
            log.warning("redis.fell_silent", error=type(error).__name__)
