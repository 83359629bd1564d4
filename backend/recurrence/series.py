"""A series: the rule by which a task comes again, and the ledger of its occurrences."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from backend.kit.errors import Stale
from backend.recurrence.model import Occurrence, Recurrence
from backend.tasks.model import Priority


class Mode(StrEnum):
    """Whether the next one follows the schedule or the moment the last one was done."""

    FIXED = "fixed"
    AFTER_COMPLETION = "afterCompletion"


class SeriesState(StrEnum):
    """An ended series makes no more tasks; those there are stay."""

    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """What each task of a series starts with."""

    title: str
    description: str
    priority: Priority
    assignee_ids: tuple[str, ...]
    watcher_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """`workspaces/{w}/series/{s}`. `last_key` is the occurrence made last."""

    id: str
    workspace_id: str
    template: TaskTemplate
    recurrence: Recurrence
    mode: Mode
    state: SeriesState
    last_key: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    rev: int

    def task_id(self, key: str) -> str:
        """Return the id of an occurrence's task: derived, so that no second one can be made."""
        return f"{self.id}-{key}"

    @property
    def latest_task_id(self) -> str:
        """The task of the occurrence made last."""
        return self.task_id(self.last_key)

    def following(self, key: str, completed_at: datetime) -> Occurrence | None:
        """
        Return the occurrence to make once that of `key` is done; None if there is none to make.

        None also if a later one was made already: a task done a second time leads to nothing.
        """
        if self.state is SeriesState.ENDED or key != self.last_key:
            return None
        if self.mode is Mode.AFTER_COMPLETION:
            return self.recurrence.after_completion(completed_at, done=key)
        return self.recurrence.next_after(key, completed_at)

    def moved_on(self, occurrence: Occurrence, *, at: datetime) -> "Series":
        """Return the series after an occurrence was made."""
        return replace(self, last_key=occurrence.key, updated_at=at, rev=self.rev + 1)

    def ended(self, *, at: datetime, expected_rev: int | None = None) -> "Series":
        """
        Return the series making no more tasks, or itself if it has ended.

        Raises:
            Stale: the series is no longer at `expected_rev`.
        """
        if expected_rev not in (None, self.rev):
            raise Stale(f"The series is at revision {self.rev}, not {expected_rev}.", current=self)
        if self.state is SeriesState.ENDED:
            return self
        return replace(self, state=SeriesState.ENDED, updated_at=at, rev=self.rev + 1)
