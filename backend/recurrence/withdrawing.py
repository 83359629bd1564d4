"""An occurrence is to be done after all: the next, if nobody has touched it, is taken back."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import (
    Change,
    Query,
    Remove,
    Stored,
    Unchanged,
    Where,
    Withdraw,
    Write,
)
from backend.reactions.totals import adding
from backend.recurrence.documents import (
    occurrence_path,
    occurrences_path,
    series_fields,
    series_of,
    series_path,
)
from backend.recurrence.ledger import MOST_MISSED, changed, makes_on_time, standing
from backend.recurrence.making import set_timer
from backend.recurrence.series import OccurrenceState, Series
from backend.recurrence.template import MAX_SUBTASKS
from backend.tasks import trees
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task, TaskRef
from backend.tasks.timers import task_timer
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

# One commit takes 450 writes, and there are others besides those of the tasks.
ROOM = 320
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
    Withdraws an occurrence that followed from the end of one which is to be done after all.

    Ledger and series go back with it, so that closing again makes it again, once. What somebody
    has touched by then stays, with all below it, and closing again leads to no second one. What a
    series made as it was resumed goes the same way once it is paused again by an undo.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService, removal: Removal) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._removal = removal

    def fire(self, alarm: Alarm) -> None:
        """Withdraw what followed from the task of the timer, if that is to be done again."""
        now = self._clock.now()
        ref = TaskRef(alarm.id_of("workspaceId"), alarm.id_of("taskId"))

        def plan() -> tuple[Outbox | None, list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), task_path(ref)])
            if timer is None or not is_due(timer, alarm, now):
                return None, []
            task = task_of(stored) if stored else None
            outbox = self._withdrawn(task, now) if task is not None else None
            if stored is None or outbox is None:
                return None, [Remove(timer)]
            # Closed again meanwhile, it would miss what this takes away.
            return outbox, [*outbox.writes, Unchanged(stored), Remove(timer)]

        outbox = self._store.commit(plan)
        if outbox is not None:
            self._timers.announce(outbox.timers, now=now)
            log.info("occurrence.withdrawn", task_id=ref.task_id)

    def _withdrawn(self, task: Task, now: datetime) -> Outbox | None:
        followed = self._followed(task)
        if followed is None or not _is_withdrawn(followed, task, now):
            return None
        series = followed.series
        taken = self._taken(series, str(followed.entry.fields["taskId"]))
        if taken is None:
            return None
        back = changed(series, at=now, last_key=task.occurrence_key)
        outbox = Outbox([*taken, Change(followed.stored, series_fields(back))])
        outbox.writes += [Withdraw(each.path) for each in self._recorded(series, task)]
        set_timer(outbox, back, before=series, now=now)
        return outbox

    def _taken(self, series: Series, task_id: str) -> list[Write] | None:
        """Return what takes the occurrence's tasks away; None if any was worked with."""
        found = self._store.find(trees.below(series.workspace_id, task_id, limit=MAX_SUBTASKS + 1))
        ids = [task_id, *(each.id for each in found)]
        # Whatever else lies there somebody has put there, and so worked with it.
        copies = {f"{TASKS}/{each}": 1 for each in ids if each.startswith(f"{series.id}-")}
        counters: Counter[str] = Counter()
        writes: list[Write] = []
        for each in ids:
            taken = self._removal.of_task(TaskRef(series.workspace_id, each), copies)
            if taken is None:
                return None
            writes += taken.writes
            counters.update(taken.counters)
        writes = _each_once(writes)
        if len(writes) > ROOM:
            writes = self._of_what_is_there(writes)
        return [*writes, *adding(series.workspace_id, counters)]

    def _of_what_is_there(self, writes: list[Write]) -> list[Write]:
        """Return them without the withdrawals of timers and entries that there never were."""
        paths = [write.path for write in writes if isinstance(write, Withdraw)]
        found = {each.path for each in self._store.get_all(paths) if each is not None}
        return [each for each in writes if not isinstance(each, Withdraw) or each.path in found]

    def _recorded(self, series: Series, task: Task) -> list[Stored]:
        """Return the entries that followed: the one that was made, and those recorded as missed."""
        where = (Where("after", "==", task.occurrence_key),)
        ledger = occurrences_path(series.workspace_id, series.id)
        return self._store.find(Query(ledger, limit=MOST_MISSED + 1, where=where))

    def _followed(self, task: Task) -> "Followed | None":
        """Return the series, if the last it made followed from the end of this task."""
        if task.series_id is None or task.occurrence_key is None:
            return None
        stored = self._store.get(series_path(task.workspace_id, task.series_id))
        if stored is None:
            return None
        series = series_of(stored)
        entry = self._store.get(occurrence_path(series.workspace_id, series.id, series.last_key))
        if entry is None or entry.fields.get("after") != task.occurrence_key:
            return None
        return Followed(stored, series, entry)


@dataclass(frozen=True, slots=True)
class Followed:
    """A series, and the entry of the occurrence it made last."""

    stored: Stored
    series: Series
    entry: Stored


def _is_withdrawn(followed: Followed, task: Task, now: datetime) -> bool:
    """Whether the next is to go: a pause is back, or its task is, and it would not come anyway."""
    series = followed.series
    if series.paused_at is not None:
        return True
    comes_at = followed.entry.fields["scheduledAt"] - series.template.lead
    comes_anyway = makes_on_time(series) and comes_at <= now
    return standing(task) is OccurrenceState.OPEN and not comes_anyway


def withdrawal(ref: TaskRef, now: datetime) -> Timer:
    """Return the timer by which what followed from a task's end is taken back, at once."""
    return task_timer(TimerKind.WITHDRAWAL, ref, now)


def _each_once(writes: list[Write]) -> list[Write]:
    """Return them without doubles: what tasks below each other have in common goes once."""
    seen: set[str] = set()
    kept: list[Write] = []
    for write in writes:
        if isinstance(write, Withdraw):
            if write.path in seen:
                continue
            seen.add(write.path)
        kept.append(write)
    return kept
