"""Queues in SQLite, and the names of those deleted a while ago."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from local.cloudtasks.database import Database, from_us_or_none, to_us, to_us_or_none
from local.cloudtasks.model import Queue, QueueState, RateLimits, RetryConfig

# "a tombstone window of up to 3 days" (DeleteQueue).
NAME_BLOCKED_FOR = timedelta(days=3)


class QueueStore:
    """Reads and writes queues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> Queue | None:
        """Return the queue, or None."""
        row = self._database.row("SELECT * FROM queues WHERE name = ?", name)
        return None if row is None else _queue(row)

    def every(self) -> list[Queue]:
        """Return all queues by name."""
        return [_queue(row) for row in self._database.rows("SELECT * FROM queues ORDER BY name")]

    def running(self) -> list[Queue]:
        """Return the queues that deliver."""
        rows = self._database.rows(
            "SELECT * FROM queues WHERE state = ? ORDER BY name", QueueState.RUNNING.value
        )
        return [_queue(row) for row in rows]

    def page(self, location: str, *, after: str, limit: int) -> list[Queue]:
        """Return the next queues of a location, by name."""
        prefix = f"{location}/queues/"
        rows = self._database.rows(
            "SELECT * FROM queues WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
            max(after, prefix), len(prefix), prefix, limit,
        )  # fmt: skip
        return [_queue(row) for row in rows]

    def save(self, queue: Queue) -> None:
        """Write a queue, new or changed."""
        settings = json.dumps({"rate": asdict(queue.rate), "retry": asdict(queue.retry)})
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO queues VALUES (?, ?, ?, ?)",
                (queue.name, settings, queue.state.value, to_us_or_none(queue.purged_at)),
            )
            connection.execute("DELETE FROM tombstones WHERE name = ?", (queue.name,))

    def delete(self, name: str, *, at: datetime) -> None:
        """Delete a queue and block its name for a while."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM queues WHERE name = ?", (name,))
            connection.execute("INSERT OR REPLACE INTO tombstones VALUES (?, ?)", (name, to_us(at)))

    def was_deleted_recently(self, name: str, *, now: datetime) -> bool:
        """Tell whether the name is still blocked."""
        since = to_us(now - NAME_BLOCKED_FOR)
        sql = "SELECT 1 FROM tombstones WHERE name = ? AND at > ?"
        return self._database.row(sql, name, since) is not None

    def replace_all(self, queues: Sequence[Queue]) -> None:
        """Forget every queue but these."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM queues")
            for queue in queues:
                self.save(queue)


def _queue(row: sqlite3.Row) -> Queue:
    settings = json.loads(row["settings"])
    return Queue(
        name=row["name"],
        rate=RateLimits(**settings["rate"]),
        retry=RetryConfig(**settings["retry"]),
        state=QueueState(row["state"]),
        purged_at=from_us_or_none(row["purged_at"]),
    )
