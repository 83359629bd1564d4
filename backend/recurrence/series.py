"""A series: the rule by which a task comes again, and the ledger of its occurrences."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from backend.kit.errors import Stale
from backend.recurrence.model import Occurrence, Recurrence
from backend.recurrence.template import SubtaskTemplate, TaskTemplate

__all__ = [
    "CatchUp",
    "Missed",
    "Mode",
    "OccurrenceState",
    "Series",
    "SeriesState",
    "SubtaskTemplate",
    "TaskTemplate",
]


class Mode(StrEnum):
    """Whether the next one follows the schedule or the moment the last one was done."""

    FIXED = "fixed"
    AFTER_COMPLETION = "afterCompletion"


class SeriesState(StrEnum):
    """An ended series makes no more tasks; those there are stay."""

    ACTIVE = "active"
    ENDED = "ended"


class CatchUp(StrEnum):
    """
    What becomes of the occurrences whose time passed while the one before was open, or in a pause.

    `skip`: none has a task; the first to come has. `latest`: the last of them has one. `all`: each
    has, at its own time or in time for its reminders, whether or not the one before is done.
    """

    ALL = "all"
    LATEST = "latest"
    SKIP = "skip"


class OccurrenceState(StrEnum):
    """
    What became of an occurrence.

    Planned or moved without a task: somebody has changed it before its time. Open or moved with
    one: it is to be done. The others are closed; missed is one whose time passed without a task.
    """

    PLANNED = "planned"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    MOVED = "moved"
    MISSED = "missed"


CLOSED = frozenset({OccurrenceState.DONE, OccurrenceState.SKIPPED, OccurrenceState.MISSED})


def own_task_id(series_id: str, key: str) -> str:
    """Return what the task of an occurrence is named after, unless it is another's."""
    return f"{series_id}-{key}"


@dataclass(frozen=True, slots=True)
class Missed:
    """An occurrence that passed without a task, or the first of a run up to the key `through`."""

    occurrence: Occurrence
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """
    `workspaces/{w}/series/{s}`. `last_key` is the occurrence made last.

    `next_at` is the UTC instant of the next one not yet made; None when there is none, while it is
    paused, and where only a completion tells. `planned` are the keys of occurrences to come which
    somebody has changed already: for those alone the ledger is read when they are made. `follows`
    is the id of the series it was split from. `task_ids` tells, by key, of tasks that are not
    named after their occurrence: they were there before it, or it was another then.
    """

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
    catch_up: CatchUp = CatchUp.SKIP
    next_at: datetime | None = None
    paused_at: datetime | None = None
    follows: str | None = None
    planned: tuple[str, ...] = ()
    task_ids: tuple[tuple[str, str], ...] = ()

    def task_id(self, key: str, number: int = 0) -> str:
        """
        Return the id of an occurrence's task: derived, so that no second one can be made.

        `number` counts what lies below it from 1, each before what lies below itself.
        """
        own = own_task_id(self.id, key)
        named = dict(self.task_ids).get(key, own)
        if number == 0:
            return named
        # One whose own name was taken counts on from there, for what lies below it, too.
        begins = int(named.removeprefix(f"{own}-")) if named.startswith(f"{own}-") else 0
        return f"{own}-{begins + number}"

    @property
    def latest_task_id(self) -> str:
        """The task of the occurrence made last."""
        return self.task_id(self.last_key)

    @property
    def is_running(self) -> bool:
        """Whether it makes tasks: it has not ended, and is not paused."""
        return self.state is SeriesState.ACTIVE and self.paused_at is None

    def ended(self, *, at: datetime, expected_rev: int | None = None) -> "Series":
        """
        Return the series making no more tasks, or itself if it has ended.

        Raises:
            Stale: the series is no longer at `expected_rev`.
        """
        self.expect(expected_rev)
        if self.state is SeriesState.ENDED:
            return self
        return replace(self, state=SeriesState.ENDED, next_at=None, updated_at=at, rev=self.rev + 1)

    def expect(self, rev: int | None) -> None:
        """
        Check that it is at this revision; None: at any.

        Raises:
            Stale: it is not.
        """
        if rev not in (None, self.rev):
            raise Stale(f"The series is at revision {self.rev}, not {rev}.", current=self)
