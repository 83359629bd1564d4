"""A cache that may forget anything at any time, and that nobody can make lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What a cache held when it was asked, and under which version what it lacked may be put in.

    `version` is None where nothing may: the cache is off, or does not answer. `at` is when it was
    asked, in seconds of the epoch: what is read afterwards is no older than that.
    """

    namespace: str
    version: str | None = None
    at: float = 0.0
    texts: Mapping[str, str] = field(default_factory=dict)


class Cache(Protocol):
    """
    Texts by namespace and key, each for a limited time.

    A namespace has a version, and `invalidate` gives it another. A reader looks first, then reads
    what was missing, then puts it in under the version it looked at. So what a slow reader read
    before a change can never come back after it: nobody looks at that version any more.

    A cache fails by knowing nothing: no method raises, `ping` excepted.
    """

    def look(self, namespace: str, keys: Sequence[str]) -> Looked:
        """Return what is held of these keys."""

    def put(self, looked: Looked, texts: Mapping[str, str], *, ttl_s: float) -> None:
        """Hold texts by key for `ttl_s` seconds after `looked`, or for less."""

    def invalidate(self, namespace: str) -> None:
        """Forget a namespace. To be called when a change is committed, before it is answered."""

    def ping(self) -> None:
        """
        See whether it works at present.

        Raises:
            Unavailable: it does not. Everything goes on without it, with more reads.
        """


class Tally:
    """How often caches knew the answer, by what was asked for. Only ever counts up."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def count(self, kind: str, *, hits: int, misses: int) -> None:
        """Add to the counts of a kind."""
        with self._lock:
            old_hits, old_misses = self._counts.get(kind, (0, 0))
            self._counts[kind] = (old_hits + hits, old_misses + misses)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return hits and misses of every kind since the process began."""
        with self._lock:
            return dict(self._counts)
