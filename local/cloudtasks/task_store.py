"""Tasks in SQLite, and the names of those that ended a while ago."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from local.cloudtasks.database import (
    Database,
    from_us,
    from_us_or_none,
    to_us,
    to_us_or_none,
)
from local.cloudtasks.model import HttpCall, LastAttempt, OidcToken, RetryOverrides, Task

# A name is free again about an hour after its task ended (quotas page; up to 24 h elsewhere).
NAME_BLOCKED_FOR = timedelta(hours=1)


class TaskStore:
    """Reads and writes tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> Task | None:
        """Return the task, or None."""
        row = self._database.row("SELECT * FROM tasks WHERE name = ?", name)
        return None if row is None else _task(row)

    def every(self, *, limit: int) -> list[Task]:
        """Return waiting tasks of all queues, those due first in front."""
        sql = "SELECT * FROM tasks ORDER BY due_at, ordinal LIMIT ?"
        return [_task(row) for row in self._database.rows(sql, limit)]

    def count(self) -> int:
        """Count the waiting tasks of all queues."""
        row = self._database.row("SELECT COUNT(*) AS n FROM tasks")
        return 0 if row is None else int(row["n"])

    def page(self, queue: str, *, after: int, limit: int) -> list[Task]:
        """Return the next tasks of a queue, in the order they were created."""
        sql = "SELECT * FROM tasks WHERE queue = ? AND ordinal > ? ORDER BY ordinal LIMIT ?"
        return [_task(row) for row in self._database.rows(sql, queue, after, limit)]

    def due(self, queue: str, *, now: datetime, limit: int) -> list[Task]:
        """Return what should have been delivered by `now`, oldest first."""
        sql = "SELECT * FROM tasks WHERE queue = ? AND due_at <= ? ORDER BY due_at, ordinal LIMIT ?"
        return [_task(row) for row in self._database.rows(sql, queue, to_us(now), limit)]

    def not_yet_tried(self, queue: str, *, now: datetime) -> list[Task]:
        """Return the tasks whose first attempt lies ahead."""
        sql = (
            "SELECT * FROM tasks WHERE queue = ? AND due_at > ? AND dispatch_count = 0 "
            "ORDER BY due_at, ordinal"
        )
        return [_task(row) for row in self._database.rows(sql, queue, to_us(now))]

    def due_names(self, queue: str, *, now: datetime) -> list[str]:
        """Return the names of what should have been delivered by `now`."""
        sql = "SELECT name FROM tasks WHERE queue = ? AND due_at <= ?"
        return [row["name"] for row in self._database.rows(sql, queue, to_us(now))]

    def next_due_at(self, queue: str, *, after: datetime) -> datetime | None:
        """Return when the next task that is not due yet falls due."""
        sql = "SELECT MIN(due_at) AS at FROM tasks WHERE queue = ? AND due_at > ?"
        row = self._database.row(sql, queue, to_us(after))
        return None if row is None else from_us_or_none(row["at"])

    def created_before(self, instant: datetime) -> list[Task]:
        """Return the tasks older than `instant`."""
        sql = "SELECT * FROM tasks WHERE created_at <= ?"
        return [_task(row) for row in self._database.rows(sql, to_us(instant))]

    def add(self, task: Task) -> Task:
        """Write a new task and return it with its ordinal."""
        columns = {**_request_columns(task), **_progress_columns(task)}
        sql = (
            f"INSERT INTO tasks ({', '.join(columns)}) "  # noqa: S608 (names are our own)
            f"VALUES ({', '.join('?' * len(columns))})"
        )
        with self._database.transaction() as connection:
            ordinal = connection.execute(sql, tuple(columns.values())).lastrowid
        return replace(task, ordinal=ordinal or 0)

    def save(self, task: Task) -> None:
        """Write how far a task has come; what it asks for never changes."""
        columns = _progress_columns(task)
        sql = f"UPDATE tasks SET {', '.join(f'{name} = ?' for name in columns)} WHERE ordinal = ?"  # noqa: S608
        with self._database.transaction() as connection:
            connection.execute(sql, (*columns.values(), task.ordinal))

    def end(self, names: Collection[str], *, at: datetime) -> None:
        """Delete tasks and block their names for a while."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM tombstones WHERE at <= ? AND name LIKE '%/tasks/%'",
                (to_us(at - NAME_BLOCKED_FOR),),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO tombstones VALUES (?, ?)",
                [(name, to_us(at)) for name in names],
            )
            connection.executemany("DELETE FROM tasks WHERE name = ?", [(n,) for n in names])

    def names_in(self, queue: str) -> list[str]:
        """Return the names of all tasks of a queue."""
        rows = self._database.rows("SELECT name FROM tasks WHERE queue = ?", queue)
        return [row["name"] for row in rows]

    def ended_recently(self, name: str, *, now: datetime) -> bool:
        """Tell whether a task of this name ran or was deleted within the last hour."""
        since = to_us(now - NAME_BLOCKED_FOR)
        sql = "SELECT 1 FROM tombstones WHERE name = ? AND at > ?"
        return self._database.row(sql, name, since) is not None

    def forget_all(self) -> None:
        """Delete every task and every blocked name."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM tasks")
            connection.execute("DELETE FROM tombstones")


def _request_columns(task: Task) -> dict[str, object]:
    call = task.call
    return {
        "name": task.name,
        "queue": task.queue,
        "url": call.url,
        "method": call.method,
        "headers": json.dumps(dict(call.headers)),
        "body": call.body,
        "oidc_email": call.oidc and call.oidc.service_account_email,
        "oidc_audience": call.oidc and call.oidc.audience,
        "dispatch_deadline_s": task.dispatch_deadline_s,
        "retry": None if task.retry is None else json.dumps(asdict(task.retry)),
        "created_at": to_us(task.created_at),
    }


def _progress_columns(task: Task) -> dict[str, object]:
    last = task.last_attempt
    return {
        "scheduled_at": to_us(task.scheduled_at),
        "due_at": to_us(task.due_at),
        "dispatch_count": task.dispatch_count,
        "response_count": task.response_count,
        "execution_count": task.execution_count,
        "first_dispatched_at": to_us_or_none(task.first_dispatched_at),
        "last_scheduled_at": last and to_us(last.scheduled_at),
        "last_dispatched_at": last and to_us(last.dispatched_at),
        "last_responded_at": last and to_us_or_none(last.responded_at),
        "last_status": last and last.status,
    }


def _task(row: sqlite3.Row) -> Task:
    return Task(
        name=row["name"],
        queue=row["queue"],
        call=_call(row),
        created_at=from_us(row["created_at"]),
        scheduled_at=from_us(row["scheduled_at"]),
        due_at=from_us(row["due_at"]),
        dispatch_deadline_s=row["dispatch_deadline_s"],
        retry=None if row["retry"] is None else RetryOverrides(**json.loads(row["retry"])),
        ordinal=row["ordinal"],
        dispatch_count=row["dispatch_count"],
        response_count=row["response_count"],
        execution_count=row["execution_count"],
        first_dispatched_at=from_us_or_none(row["first_dispatched_at"]),
        last_attempt=_last_attempt(row),
    )


def _call(row: sqlite3.Row) -> HttpCall:
    email = row["oidc_email"]
    return HttpCall(
        url=row["url"],
        method=row["method"],
        headers=json.loads(row["headers"]),
        body=row["body"],
        oidc=None if email is None else OidcToken(email, row["oidc_audience"]),
    )


def _last_attempt(row: sqlite3.Row) -> LastAttempt | None:
    if row["last_dispatched_at"] is None:
        return None
    return LastAttempt(
        scheduled_at=from_us(row["last_scheduled_at"]),
        dispatched_at=from_us(row["last_dispatched_at"]),
        responded_at=from_us_or_none(row["last_responded_at"]),
        status=row["last_status"],
    )
