"""Firestore behind `Store`, the only opener of batches. Calls have deadlines and are counted."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NoReturn, TypeVar

import structlog
from google.api_core import exceptions as gcp
from google.api_core.retry import Retry, if_exception_type
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore

from backend.adapters.descendants import descendants
from backend.adapters.sdk_queries import limited, ordered
from backend.adapters.sdk_writes import add_write
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.documents import (
    Change,
    Create,
    Fields,
    Query,
    Stored,
    Write,
)
from backend.kit.errors import Aborted, Unavailable
from backend.kit.once import Once

T = TypeVar("T")

log = structlog.get_logger()

DEADLINE_S = 4.0
SLOW_S = 1.0
MAX_ATTEMPTS = 12
# Our own rule: 400 things people name in one request, and what is written beside them. Firestore
# itself was limited to 500 for long.
MAX_WRITES = 450
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.5

# A deadline alone is not enough: the SDK's own retry goes on for a minute and more.
RETRY = Retry(
    predicate=if_exception_type(gcp.ServiceUnavailable, gcp.InternalServerError),
    initial=0.1,
    maximum=1.0,
    timeout=DEADLINE_S,
)

LOST_RACE = (gcp.Aborted, gcp.FailedPrecondition, gcp.AlreadyExists, gcp.NotFound)
NO_ANSWER = (gcp.RetryError, gcp.ServerError, gcp.ResourceExhausted, gcp.Aborted)
SILENT = "The database did not answer."
CONTENDED = "Others kept changing this at the same time. Please try again."
PING_PATH = "leases/ping"


@dataclass(slots=True)
class Joined:
    """The writes of a use case that become part of a greater commit, and what is to follow it."""

    writes: list[Write] = field(default_factory=list)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    eventually: list[Callable[[], None]] = field(default_factory=list)


@dataclass(slots=True)
class Usage:
    """Billed documents and round trips of one request or job."""

    reads: int = 0
    writes: int = 0
    rpcs: int = 0


_joined: ContextVar[Joined | None] = ContextVar("firestore_joined", default=None)
_usage: ContextVar[Usage | None] = ContextVar("firestore_usage", default=None)


@contextmanager
def metered() -> Iterator[Usage]:
    """Count what the enclosed code reads and writes on this thread."""
    usage = Usage()
    token = _usage.set(usage)
    try:
        yield usage
    finally:
        _usage.reset(token)


def _count(*, reads: int = 0, writes: int = 0) -> None:
    """Count one round trip, and what it is billed as."""
    if (usage := _usage.get()) is not None:
        usage.rpcs += 1
        usage.reads += reads
        usage.writes += writes


class Store:
    """
    Documents by path, over the sync Firestore client.

    The client is made on first use, hence after a server's fork: gRPC does not survive one.

    Raises (every method):
        Unavailable: Firestore did not answer within about `DEADLINE_S`.
    """

    def __init__(self, project_id: str, clock: Clock, *, emulated: bool) -> None:
        self._project_id = project_id
        self._clock = clock
        self._emulated = emulated
        self._made = Once(self._connect)

    def ping(self) -> None:
        """
        Read one small document, to see that Firestore answers.

        Raises:
            Unavailable: it does not, or there are no credentials to ask it with.
        """
        try:
            self.get(PING_PATH)
        except GoogleAuthError as error:
            raise Unavailable("There are no credentials for the database.") from error

    @property
    def _client(self) -> firestore.Client:
        return self._made.get()

    def _connect(self) -> firestore.Client:
        # The SDK finds FIRESTORE_EMULATOR_HOST itself, but still looks for real credentials.
        credentials = AnonymousCredentials() if self._emulated else None
        return firestore.Client(project=self._project_id, credentials=credentials)

    def get_all(self, paths: Sequence[str]) -> list[Stored | None]:
        """Read documents in one round trip, in the order asked for; None where there is none."""
        references = [self._client.document(path) for path in paths]
        with self._answered("get"):
            found = {
                snapshot.reference.path: _stored(snapshot)
                for snapshot in self._client.get_all(references, **self._call())
                if snapshot.exists
            }
        _count(reads=len(paths))
        return [found.get(path) for path in paths]

    def get(self, path: str) -> Stored | None:
        """Read one document."""
        return self.get_all([path])[0]

    def aged(self, path: str) -> tuple[Stored | None, timedelta]:
        """
        Read one document, and how long ago it was written: nothing ago where there is none.

        Both instants are Firestore's own, so no clock is compared with another machine's.
        """
        with self._answered("get"):
            (snapshot,) = self._client.get_all([self._client.document(path)], **self._call())
        _count(reads=1)
        if not snapshot.exists:
            return None, timedelta(0)
        return _stored(snapshot), snapshot.read_time - snapshot.update_time

    def find(self, query: Query) -> list[Stored]:
        """
        Run a bounded query. An empty answer is billed as one read.

        Raises:
            ValueError: it has `dropped` conditions, which are `kit.pages.gather`'s to look after.
        """
        if query.dropped:
            raise ValueError("Firestore knows nothing of conditions that are dropped later")
        with self._answered("query"):
            snapshots = list(limited(self._client, query).stream(**self._call()))
        _count(reads=max(1, len(snapshots)))
        return [_stored(snapshot) for snapshot in snapshots]

    def below(self, path: str, *, limit: int, after: str = "", whole: bool = False) -> list[Stored]:
        """Read documents below one, at any depth, by path; their fields only if `whole`."""
        asked: Any = {"limit": limit, "after": after, "is_whole": whole}
        with self._answered("query"):
            found = [
                Stored(*each) for each in descendants(self._client, path, **asked, **self._call())
            ]
        _count(reads=max(1, len(found)))
        return found

    def count(self, query: Query) -> int:
        """Count what a query finds, whatever its `limit` and `after`: a read for every 1,000."""
        with self._answered("count"):
            ((total,),) = ordered(self._client, query).count().get(**self._call())
        _count(reads=max(1, ceil(total.value / 1000)))
        return int(total.value)

    def attempt(self, writes: Sequence[Write]) -> bool:
        """
        Commit once; False if another writer was faster and nothing was written.

        Enough where the next tick comes round anyway.
        """
        try:
            self._commit(writes)
        except LOST_RACE:
            return False
        return True

    def create(self, writes: Sequence[Write]) -> None:
        """
        Commit new documents under random ids that this use case alone has made up.

        Nobody else can have taken such an id: where it exists already, this very commit took
        place and its answer was lost.

        Raises:
            Aborted: Firestore refused for contention `MAX_ATTEMPTS` times.
        """
        if (joined := _joined.get()) is not None:
            joined.writes += writes
            return
        for _ in self._attempts():
            try:
                self._commit(writes)
            except gcp.AlreadyExists:
                return
            except LOST_RACE:
                continue
            return
        raise Aborted(CONTENDED)

    def swap(self, path: str, fields: Fields, *, seen: Stored | None) -> Stored | None:
        """
        Write a whole document if it is still as `seen` (None: not there); None if it is not.

        For whoever writes one document again and again, and so need not read it in between.
        """
        try:
            (written_at,) = self._commit([Change(seen, fields) if seen else Create(path, fields)])
        except LOST_RACE:
            return None
        return Stored(path, fields, written_at)

    def commit(self, plan: Callable[[], tuple[T, Sequence[Write]]]) -> T:
        """
        Commit the writes `plan` asks for as one batch, and return its result.

        `plan` runs again, from fresh reads, when another writer was faster, so it leaves logs,
        jobs and the clock to its caller, and reads what it is about to create.

        Raises:
            Aborted: another writer was faster `MAX_ATTEMPTS` times.
        """
        if (joined := _joined.get()) is not None:
            result, writes = plan()
            joined.writes += writes
            return result
        for _ in self._attempts():
            result, writes = plan()
            try:
                self._commit(writes)
            except LOST_RACE:  # Perhaps to ourselves: the SDK repeats a commit of lost answer.
                continue
            return result
        raise Aborted(CONTENDED)

    @contextmanager
    def joining(self) -> Iterator[Joined]:
        """
        Let whatever the enclosed code commits or creates be collected instead.

        For a plan that adds a write of its own and commits them all as one. What is collected
        cannot be read before that.
        """
        joined = Joined()
        token = _joined.set(joined)
        try:
            yield joined
        finally:
            _joined.reset(token)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Let the enclosed code commit by itself, whatever greater commit is being collected."""
        token = _joined.set(None)
        try:
            yield
        finally:
            _joined.reset(token)

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something once what was committed last is in the database: now, or when joined."""
        if (joined := _joined.get()) is not None:
            joined.afterwards.append(act)
        else:
            act()

    def eventually(self, act: Callable[[], None]) -> None:
        """As `afterwards`, but also if the commit failed: perhaps only its answer was lost."""
        if (joined := _joined.get()) is not None:
            joined.eventually.append(act)
        else:
            act()

    @contextmanager
    def _answered(self, call: str) -> Iterator[None]:
        try:
            with self._timed(call):
                yield
        except NO_ANSWER as error:
            self._give_up(error)

    @contextmanager
    def _timed(self, call: str) -> Iterator[None]:
        began_at = self._clock.monotonic()
        try:
            yield
        finally:
            took_s = self._clock.monotonic() - began_at
            if took_s > SLOW_S:
                log.warning("firestore.call_was_slow", call=call, duration_ms=round(took_s * 1000))

    def _give_up(self, error: Exception) -> NoReturn:
        log.warning("firestore.gave_no_answer", cause=type(error).__name__)
        left_s(self._clock, longest=DEADLINE_S)  # Raises where the caller waits no longer.
        raise Unavailable(SILENT) from error

    def _call(self) -> dict[str, Any]:
        left = left_s(self._clock, longest=DEADLINE_S)
        return {"retry": RETRY.with_timeout(left), "timeout": left}

    def _attempts(self) -> Iterator[int]:
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self._clock.pause(_jittered(attempt))
            yield attempt

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        if not writes:
            return []
        if len(writes) > MAX_WRITES:
            raise ValueError(f"{len(writes)} writes in one commit; {MAX_WRITES} is the limit")
        batch = self._client.batch()
        for write in writes:
            add_write(self._client, batch, write)
        try:
            with self._timed("commit"):
                results = batch.commit(**self._call())
        except LOST_RACE:
            _count()
            raise
        except NO_ANSWER as error:
            self._give_up(error)
        _count(writes=len(writes))
        return [result.update_time for result in results]


def _stored(snapshot: Any) -> Stored:
    return Stored(snapshot.reference.path, snapshot.to_dict() or {}, snapshot.update_time)


def _jittered(attempt: int) -> float:
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt)
    return random.uniform(0, longest)  # noqa: S311 - spreads writers apart; nothing secret.
