"""Whether the outside world answers, asked all at once, with a deadline, and not too often."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock

from backend.kit.clock import Clock
from backend.kit.errors import Unavailable

Ping = Callable[[], None]

DEADLINE_S = 3.0  # Less than a probe waits.
FRESH_S = 1.0  # Probes come from many places; the outside world is asked for all of them together.
OK, SILENT = "ok", "silent"


@dataclass(frozen=True, slots=True)
class Readiness:
    """How each part of the outside world is, by its name: `ok` or `silent`."""

    needed: Mapping[str, str]
    helpful: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether work can be done at all. What merely helps may be missing."""
        return set(self.needed.values()) <= {OK}

    @property
    def silent(self) -> list[str]:
        """The names of everything that does not answer."""
        return sorted(name for name, said in {**self.needed, **self.helpful}.items() if said != OK)


class Pings:
    """Asks the outside world how it is: one asking at a time, whose answer all others share."""

    def __init__(
        self,
        clock: Clock,
        *,
        needed: Mapping[str, Ping],
        helpful: Mapping[str, Ping],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._clock = clock
        self._deadline_s = deadline_s
        self._needed = needed
        self._helpful = helpful
        self._threads = ThreadPoolExecutor(len(needed) + len(helpful), thread_name_prefix="ping")
        self._lock = Lock()
        self._underway: dict[str, Future[None]] = {}
        self._known: tuple[float, Readiness] | None = None

    def ask(self) -> Readiness:
        """Return how everything is, or was less than `FRESH_S` ago."""
        with self._lock:
            now = self._clock.monotonic()
            if self._known is not None and now - self._known[0] < FRESH_S:
                return self._known[1]
            found = self._ask()
            self._known = (self._clock.monotonic(), found)
            return found

    def _ask(self) -> Readiness:
        pings = {**self._needed, **self._helpful}
        for name, ping in pings.items():
            # One that has not returned since the last time is not asked again: threads are few.
            if name not in self._underway or self._underway[name].done():
                self._underway[name] = self._threads.submit(ping)
        wait(self._underway.values(), timeout=self._deadline_s)
        said = {name: _said(self._underway[name]) for name in pings}
        return Readiness(
            needed={name: said[name] for name in self._needed},
            helpful={name: said[name] for name in self._helpful},
        )


def _said(asked: Future[None]) -> str:
    if not asked.done():
        return SILENT
    error = asked.exception()
    if error is not None and not isinstance(error, Unavailable):
        raise error
    return SILENT if error else OK
