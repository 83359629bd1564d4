"""Entries of the ledger of a series, as people are shown and change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.kit.documents import Fields, Stored, reading
from backend.recurrence.documents import occurrence_path
from backend.recurrence.model import Occurrence
from backend.recurrence.planned import changes_of
from backend.recurrence.series import OccurrenceState, Series

WITH_A_TASK = frozenset({OccurrenceState.OPEN, OccurrenceState.MOVED})
BEFORE_ITS_TIME = frozenset({OccurrenceState.PLANNED, OccurrenceState.MOVED})


@dataclass(frozen=True, slots=True)
class Entry:
    """
    `workspaces/{w}/series/{s}/occurrences/{key}`: what became of one occurrence.

    `scheduled_at` is the UTC instant at which the rule has it come, whenever it is due by now.
    `changes`, as of `Task.edited`, are what somebody has made of one that has no task yet.
    `through` is the last key of a run that was missed, of which this is the first.
    """

    workspace_id: str
    series_id: str
    key: str
    scheduled_at: datetime
    state: OccurrenceState
    task_id: str | None
    completed_at: datetime | None
    after: str | None
    changes: Mapping[str, Any] | None = field(default=None, hash=False)
    through: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has a task that is to be done."""
        return self.task_id is not None and self.state in WITH_A_TASK

    @property
    def is_to_come(self) -> bool:
        """Whether it has no task yet, and will have one."""
        return self.task_id is None and self.state in BEFORE_ITS_TIME


def entry_of(stored: Stored) -> Entry:
    """
    Read an entry of the ledger.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        changes = fields.get("changes")
        return Entry(
            workspace_id=stored.path.split("/")[1],
            series_id=stored.parent_id,
            key=stored.id,
            scheduled_at=fields["scheduledAt"],
            state=OccurrenceState(fields["state"]),
            task_id=fields.get("taskId"),
            completed_at=fields.get("completedAt"),
            after=fields.get("after"),
            changes=None if changes is None else changes_of(changes),
            through=fields.get("through"),
        )


def coming(series: Series, occurrence: Occurrence) -> Entry:
    """Return the entry of an occurrence of which the ledger knows nothing yet."""
    return Entry(
        workspace_id=series.workspace_id,
        series_id=series.id,
        key=occurrence.key,
        scheduled_at=occurrence.at,
        state=OccurrenceState.PLANNED,
        task_id=None,
        completed_at=None,
        after=None,
    )


def path_of(entry: Entry) -> str:
    """Return where an entry lies."""
    return occurrence_path(entry.workspace_id, entry.series_id, entry.key)


def entry_fields(entry: Entry, changes: Fields | None) -> Fields:
    """Return the document of an entry; `changes` as documents hold them."""
    return {
        "key": entry.key,
        "scheduledAt": entry.scheduled_at,
        "state": entry.state.value,
        "taskId": entry.task_id,
        "completedAt": entry.completed_at,
        "after": entry.after,
        "changes": changes,
    }
