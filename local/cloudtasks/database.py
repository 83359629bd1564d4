"""One SQLite connection, shared under a lock. What was committed survives a kill -9."""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from local.cloudtasks.errors import CannotStartError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    state TEXT NOT NULL,
    purged_at INTEGER
);
CREATE TABLE IF NOT EXISTS tasks (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    url TEXT NOT NULL,
    method TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    oidc_email TEXT,
    oidc_audience TEXT,
    dispatch_deadline_s REAL NOT NULL,
    retry TEXT,
    created_at INTEGER NOT NULL,
    scheduled_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    dispatch_count INTEGER NOT NULL DEFAULT 0,
    response_count INTEGER NOT NULL DEFAULT 0,
    execution_count INTEGER NOT NULL DEFAULT 0,
    first_dispatched_at INTEGER,
    last_scheduled_at INTEGER,
    last_dispatched_at INTEGER,
    last_responded_at INTEGER,
    last_status INTEGER
);
CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks (queue, due_at, ordinal);
CREATE INDEX IF NOT EXISTS tasks_by_age ON tasks (created_at);
CREATE TABLE IF NOT EXISTS tombstones (name TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS tombstones_by_age ON tombstones (at);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task TEXT NOT NULL,
    queue TEXT NOT NULL,
    number INTEGER NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    scheduled_at INTEGER NOT NULL,
    dispatched_at INTEGER NOT NULL,
    responded_at INTEGER,
    status INTEGER,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
);
"""


class Database:
    """The connection, its lock and its transactions."""

    def __init__(self, path: Path | None) -> None:
        """
        Open `path`, creating it if missing; None keeps everything in memory.

        Raises:
            CannotStartError: another process has it open, or it is no database.
        """
        self._lock = threading.RLock()
        self._guard = None if path is None else _sole_user_of(path)
        try:
            self._open(path)
        except sqlite3.Error as error:
            raise CannotStartError(f"{path} is not a usable database ({error}).") from error

    def _open(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        # NORMAL under WAL: a commit survives the death of the process, though perhaps not a
        # power cut. That is what a developer's machine needs, at a tenth of the price.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run what is inside as one commit; an inner transaction joins the outer one."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Read the rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Read the first row of a query, or None."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
        if self._guard is not None:
            self._guard.close()


def _sole_user_of(path: Path) -> IO[str]:
    # Two dispatchers on one queue would deliver everything twice. The system gives up such a
    # lock when its process dies, however it dies.
    guard = path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.close()
        raise CannotStartError(f"{path} is in use by another process.") from error
    return guard


def to_us(instant: datetime) -> int:
    """Return an instant as whole microseconds since 1970."""
    return (instant - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the instant that so many microseconds since 1970 are."""
    return EPOCH + microseconds * MICROSECOND


def to_us_or_none(instant: datetime | None) -> int | None:
    """Return an instant as microseconds, or None for None."""
    return None if instant is None else to_us(instant)


def from_us_or_none(microseconds: int | None) -> datetime | None:
    """Return the instant, or None for None."""
    return None if microseconds is None else from_us(microseconds)
