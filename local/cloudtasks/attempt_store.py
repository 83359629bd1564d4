"""The record of deliveries, for people and tests to look at."""

import sqlite3
from datetime import datetime

from local.cloudtasks.database import Database, from_us, from_us_or_none, to_us
from local.cloudtasks.model import Attempt, Task

KEPT = 10_000


class AttemptStore:
    """Writes attempts down and lists them, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, task: Task, *, number: int, at: datetime, outcome: str = "running") -> int:
        """Record that a delivery began, and return its id."""
        sql = (
            "INSERT INTO attempts (task, queue, number, method, url, scheduled_at, "
            "dispatched_at, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        values = (task.name, task.queue, number, task.call.method, task.call.url)
        times = (to_us(task.scheduled_at), to_us(at))
        with self._database.transaction() as connection:
            attempt_id = connection.execute(sql, (*values, *times, outcome)).lastrowid or 0
            if attempt_id % 1000 == 0:
                connection.execute("DELETE FROM attempts WHERE id <= ?", (attempt_id - KEPT,))
        return attempt_id

    def finish(
        self, attempt_id: int, *, at: datetime, status: int | None, outcome: str, reason: str = ""
    ) -> None:
        """Record how a delivery ended."""
        sql = (
            "UPDATE attempts SET responded_at = ?, status = ?, outcome = ?, reason = ? WHERE id = ?"
        )
        with self._database.transaction() as connection:
            connection.execute(sql, (to_us(at), status, outcome, reason, attempt_id))

    def interrupt_running(self) -> int:
        """Mark what was under way when the process died, and return how many there were."""
        sql = "UPDATE attempts SET outcome = 'interrupted' WHERE outcome = 'running'"
        with self._database.transaction() as connection:
            return connection.execute(sql).rowcount

    def recent(self, *, limit: int, task: str = "") -> list[Attempt]:
        """Return the newest attempts, of one task or of all."""
        sql = "SELECT * FROM attempts WHERE ? IN ('', task) ORDER BY id DESC LIMIT ?"
        return [_attempt(row) for row in self._database.rows(sql, task, limit)]

    def forget_all(self) -> None:
        """Delete the record."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM attempts")


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        id=row["id"],
        task=row["task"],
        queue=row["queue"],
        number=row["number"],
        method=row["method"],
        url=row["url"],
        scheduled_at=from_us(row["scheduled_at"]),
        dispatched_at=from_us(row["dispatched_at"]),
        responded_at=from_us_or_none(row["responded_at"]),
        status=row["status"],
        outcome=row["outcome"],
        reason=row["reason"],
    )
