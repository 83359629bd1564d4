"""Pausing a series, letting it go on, and letting go of what was missed."""

from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Query, Stored, Unchanged, Where
from backend.kit.errors import FailedPrecondition
from backend.recurrence.desk import Act, Changed, SeriesDesk
from backend.recurrence.documents import closing, occurrence_path, occurrences_path
from backend.recurrence.ledger import changed, passed_over, resumed
from backend.recurrence.series import CLOSED, OccurrenceState, Series, SeriesState
from backend.tasks.draft import Draft
from backend.tasks.model import Status, Task
from backend.undo.model import Done
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

# Overdue occurrences that one command closes: with their history two documents each.
MOST_CLOSED = 50
TO_BE_DONE = [OccurrenceState.OPEN.value, OccurrenceState.MOVED.value]


class Pausing:
    """Holds series up for those who may change them."""

    def __init__(
        self, store: Store, clock: Clock, workspaces: WorkspaceService, desk: SeriesDesk
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._desk = desk

    def pause(
        self, actor: Actor, workspace_id: str, series_id: str, *, expected_rev: int | None = None
    ) -> Done[Series]:
        """
        Let a series make no tasks until it is resumed. Pausing it again changes nothing.

        Raises:
            Stale: the series is no longer at `expected_rev`.
            FailedPrecondition: it has ended.
        """
        now = self._clock.now()

        def act(stored: Stored, series: Series, _: bool) -> Changed | None:
            series.expect(expected_rev)
            _check_goes_on(series)
            if series.paused_at is not None:
                return None
            return self._desk.bare(stored, series, changed(series, at=now, paused_at=now), now=now)

        return self._carry_out(actor, workspace_id, series_id, act, now, "series.paused")

    def resume(
        self, actor: Actor, workspace_id: str, series_id: str, *, expected_rev: int | None = None
    ) -> Done[Series]:
        """
        Let a paused series go on. What passed meanwhile is caught up with as the series says.

        Raises:
            Stale: the series is no longer at `expected_rev`.
            FailedPrecondition: it has ended.
        """
        now = self._clock.now()

        def act(stored: Stored, series: Series, careful: bool) -> Changed | None:
            series.expect(expected_rev)
            _check_goes_on(series)
            if series.paused_at is None:
                return None
            last = self._last(series)
            turn = resumed(series, _closed_at(last, now), at=now)
            done = self._desk.turned(
                stored,
                series,
                turn,
                by=actor.uid,
                after=series.last_key,
                now=now,
                careful=careful,
            )
            # Taken back by a pause, which takes what came of this along.
            del done.touched[1:]
            if last is not None:  # Closed meanwhile, it would bring nothing.
                done.outbox.writes.append(Unchanged(last))
            return done

        return self._carry_out(actor, workspace_id, series_id, act, now, "series.resumed")

    def skip_missed(
        self, actor: Actor, workspace_id: str, series_id: str, *, expected_rev: int | None = None
    ) -> Done[Series]:
        """
        Cancel the overdue tasks of a series, as skipped, and go on with the first yet to come.

        The latest 50 of them. Changes nothing where none is overdue. Taking it back opens the
        tasks again, and what followed goes unless somebody has touched it.

        Raises:
            Stale: the series is no longer at `expected_rev`.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, workspace_id, to=Right.CHANGE_SERIES)

        def act(stored: Stored, series: Series, careful: bool) -> Changed | None:
            series.expect(expected_rev)
            draft = Draft(self._store, member, now)
            late = self._late(draft, series, now)
            for task in late:
                cancelled = task.edited({"status": Status.CANCELLED}, by=actor.uid, at=now)
                draft.put(cancelled)
            if not late:
                return None
            return self._skipped(stored, series, draft, late, careful=careful)

        return self._as(actor, member, series_id, act, now, "series.missed_skipped")

    def _skipped(
        self, stored: Stored, series: Series, draft: Draft, late: list[Task], *, careful: bool
    ) -> Changed:
        keys = [str(task.occurrence_key) for task in late]
        turn = passed_over(series, at=draft.now) if series.last_key in keys else None
        if turn is None:
            done = Changed(series)
            done.outbox.writes.append(Unchanged(stored))
        else:
            # Taken back by opening the tasks again, so that only they are offered.
            done = self._desk.turned(
                stored,
                series,
                turn,
                by=draft.by,
                after=series.last_key,
                now=draft.now,
                careful=careful,
            )
        done.touched = draft.touched()
        done.outbox.writes += draft.writes()
        skipped = OccurrenceState.SKIPPED
        done.outbox.writes += [closing(series, key, skipped, completed_at=None) for key in keys]
        return done

    def _late(self, draft: Draft, series: Series, now: datetime) -> list[Task]:
        found = self._store.find(
            Query(
                occurrences_path(series.workspace_id, series.id),
                limit=MOST_CLOSED,
                where=(Where("state", "in", TO_BE_DONE), Where("scheduledAt", "<=", now)),
                order_by=("-scheduledAt",),
            )
        )
        # The one made last may have been moved to before its time.
        made = (series.latest_task_id, *(each.fields.get("taskId") for each in found))
        ids = [*dict.fromkeys(filter(None, made))]
        draft.read(draft.path(task_id) for task_id in ids)
        tasks = [task for task in map(draft.find, ids) if task is not None]
        return [task for task in tasks if task.series_id == series.id and task.is_late(now)]

    def _last(self, series: Series) -> Stored | None:
        path = occurrence_path(series.workspace_id, series.id, series.last_key)
        return self._store.get(path)

    def _carry_out(
        self, actor: Actor, workspace_id: str, series_id: str, act: Act, now: datetime, event: str
    ) -> Done[Series]:
        member = self._workspaces.admit(actor, workspace_id, to=Right.CHANGE_SERIES)
        return self._as(actor, member, series_id, act, now, event)

    def _as(
        self, actor: Actor, member: Member, series_id: str, act: Act, now: datetime, event: str
    ) -> Done[Series]:
        done = self._desk.change(actor, member, series_id, act, now=now)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info(event, series_id=series_id))
        return done


def _check_goes_on(series: Series) -> None:
    if series.state is SeriesState.ENDED:
        raise FailedPrecondition("The series has ended.")


def _closed_at(entry: Stored | None, now: datetime) -> datetime | None:
    """Return when the task of an entry was closed; None: it is still to be done."""
    if entry is None:  # Nothing is there that could be closed to bring the next.
        return now
    if OccurrenceState(entry.fields["state"]) not in CLOSED:
        return None
    return entry.fields.get("completedAt") or now
