"""What follows in a series when an occurrence is closed, in whatever way, or opened again."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID
from backend.kit.documents import Change, Stored, Unchanged
from backend.kit.errors import DataLoss, InvalidArgument
from backend.recurrence.documents import closing, series_fields, series_of, series_path
from backend.recurrence.ledger import closed, closed_at, reopened, state_of
from backend.recurrence.making import Making, set_timer
from backend.recurrence.occurrence import Occurrence
from backend.recurrence.series import CLOSED, OccurrenceState, Series
from backend.tasks.model import Task
from backend.timers.outbox import Outbox
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class Turning:
    """Turns a series on for the reactor, which alone does so: whoever closed the task."""

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._making = Making(store, workspaces)

    def turning(self, task: Task, *, now: datetime, careful: bool = False) -> Outbox:
        """
        Return the writes that follow from how the task of an occurrence stands now.

        For the plan of the reactor's commit. The series document is the guard: it names the last
        occurrence made, so that of two who close it one brings the next. `careful`: a commit of
        this has failed.
        """
        found = self._found(task)
        if found is None:
            return Outbox()
        stored, series, occurrence = found
        key, state = occurrence.key, state_of(task, occurrence)
        outbox = Outbox()
        if state in CLOSED:
            outbox = self._closed(stored, series, key, task, now, careful=careful)
        elif (active := reopened(series, key, at=now)) is not None:
            outbox.writes.append(Change(stored, series_fields(active)))
            set_timer(outbox, active, before=series, now=now)
        if not outbox.writes:
            # Resumed meanwhile, the series must see that this one is closed, or this that it is
            # resumed; and with another rule, or split, it has this one under another key.
            outbox.writes.append(Unchanged(stored))
        completed_at = closed_at(task) if state is OccurrenceState.DONE else None
        outbox.writes.append(closing(series, key, state, completed_at=completed_at))
        return outbox

    def _closed(
        self,
        stored: Stored,
        series: Series,
        key: str,
        task: Task,
        now: datetime,
        *,
        careful: bool,
    ) -> Outbox:
        turn = closed(series, key, closed_at(task), at=now)
        if turn is None:
            return Outbox()
        outbox = self._making.turned(stored, turn, by=SYSTEM_UID, after=key, careful=careful)
        set_timer(outbox, turn.series, before=series, now=now)
        return outbox

    def _found(self, task: Task) -> tuple[Stored, Series, Occurrence] | None:
        if task.series_id is None or task.occurrence_key is None:
            return None
        stored = self._store.get(series_path(task.workspace_id, task.series_id))
        if stored is None:
            return None
        try:
            series = series_of(stored)
            return stored, series, series.recurrence.occurrence(task.occurrence_key)
        except (DataLoss, InvalidArgument) as error:  # What else follows from the task still does.
            log.exception("series.unreadable", series_id=task.series_id, detail=error.detail)
            return None
