"""An occurrence is not done after all: the next one, if nobody has touched it, is taken back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Unchanged, Withdraw, Write
from backend.reactions.totals import adding
from backend.recurrence.documents import occurrence_path, series_fields, series_of, series_path
from backend.recurrence.series import Series
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm

log = structlog.get_logger()

TASKS = "tasks"  # In a workspace, as places there are named.


class Taken(Protocol):
    """What takes a task away, with all that lies below it and followed from it."""

    @property
    def writes(self) -> list[Write]:
        """The writes of that."""

    @property
    def counters(self) -> Mapping[str, int]:
        """What it changes of the workspace's totals."""


class Removal(Protocol):
    """Takes tasks away that nobody has worked with."""

    def of_task(self, ref: TaskRef, copies: Mapping[str, int | None]) -> Taken | None:
        """Return what takes a task away; None if it is not as at the revisions in `copies`."""


class Withdrawing:
    """
    Withdraws an occurrence that followed from a completion which was taken back.

    Ledger and series go back with it, so that completing again makes it again, once. What somebody
    has touched by then stays, and completing again leads to no second one.
    """

    def __init__(self, store: Store, clock: Clock, removal: Removal) -> None:
        self._store = store
        self._clock = clock
        self._removal = removal

    def fire(self, alarm: Alarm) -> None:
        """Withdraw what followed from the task of the timer, if that is still open."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))

        def plan() -> tuple[bool, list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            if timer is None or not is_due(timer, now):
                return False, []
            task = task_of(stored) if stored else None
            withdrawn = [] if task is None or task.is_done else self._withdrawn(task, now)
            if stored is None or not withdrawn:
                return False, [Remove(timer)]
            # Done again meanwhile, it would miss what this takes away.
            return True, [*withdrawn, Unchanged(stored), Remove(timer)]

        if self._store.commit(plan):
            log.info("occurrence.withdrawn", task_id=ref.task_id)

    def _withdrawn(self, task: Task, now: datetime) -> list[Write]:
        found = self._followed(task)
        if found is None:
            return []
        stored, series = found
        following = TaskRef(series.workspace_id, series.latest_task_id)
        taken = self._removal.of_task(following, {f"{TASKS}/{following.task_id}": 1})
        if taken is None:
            return []
        back = replace(
            series, last_key=task.occurrence_key or "", updated_at=now, rev=series.rev + 1
        )
        return [
            *taken.writes,
            *adding(series.workspace_id, taken.counters),
            Change(stored, series_fields(back)),
            Withdraw(occurrence_path(series.workspace_id, series.id, series.last_key)),
        ]

    def _followed(self, task: Task) -> tuple[Stored, Series] | None:
        """Return the series, if the last it made followed from the completion of this task."""
        if task.series_id is None or task.occurrence_key is None:
            return None
        stored = self._store.get(series_path(task.workspace_id, task.series_id))
        if stored is None:
            return None
        series = series_of(stored)
        last = self._store.get(occurrence_path(series.workspace_id, series.id, series.last_key))
        if last is None or last.fields.get("after") != task.occurrence_key:
            return None
        return stored, series
