"""Putting series and their ledgers back as they were before a command."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Stored
from backend.kit.errors import DataLoss
from backend.kit.people import PEOPLE
from backend.recurrence import ledger
from backend.recurrence.desk import created_tasks
from backend.recurrence.documents import occurrence_path, series_fields, series_of
from backend.recurrence.entries import entry_of
from backend.recurrence.making import Making, set_timer
from backend.recurrence.series import CLOSED, Mode, Series, SeriesState
from backend.recurrence.withdrawing import withdrawal
from backend.tasks.model import TaskRef
from backend.timers.outbox import Outbox
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

RIGHTS = (Right.CREATE_SERIES, Right.CHANGE_SERIES, Right.END_SERIES)
# What follows from the rest of a series, or is that of each of its revisions.
DERIVED = frozenset({"rev", "updatedAt", "nextAt", "planned", PEOPLE})
# What was made last: it goes back only with the entry of the ledger that says so.
LAST = frozenset({"lastKey", "taskIds"})


class SeriesReverter:
    """
    Gives series their former fields; one that was begun ends. Its tasks are tasks.

    What it has made since stays made, and what it would have made, had it gone on, is made.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces
        self._making = Making(store, workspaces)

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts series of a workspace back.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        for right in RIGHTS:
            self._workspaces.admit(actor, workspace_id, to=right)
        reverted = Reverted()
        found = self._store.get_all([each.path for each in touched])
        for each, stored in zip(touched, found, strict=True):
            series = series_of(stored) if stored is not None else None
            if stored is None or series is None:
                reverted.kept.append(each.path)
                continue
            back = self._back(stored, series, each, now)
            if back is not None and back is not series:
                self._write(reverted, stored, series, back, actor)
            (reverted.kept if back is None else reverted.undone).append(each.path)
        return reverted

    def _back(
        self, stored: Stored, series: Series, touched: Touched, now: datetime
    ) -> Series | None:
        """Return a series as it was; itself if it is so already, None if it has gone on since."""
        if touched.kind is Kind.CREATED:
            has_gone_on = series.state is SeriesState.ACTIVE and series.rev != touched.rev
            return None if has_gone_on else series.ended(at=now)
        wanted = _former(stored, touched)
        if wanted.keys() & LAST and self._has_entry(series, touched):
            wanted = {name: value for name, value in wanted.items() if name not in LAST}
        if not wanted:
            return series if _is_back(stored, touched) else None
        try:
            back = series_of(Stored(stored.path, {**stored.fields, **wanted}, stored.updated_at))
            if back.mode is Mode.AFTER_COMPLETION:
                back.recurrence.check_counts_from_completion()
        except DataLoss:  # With what others have changed since it makes no series.
            return None
        return ledger.settled(replace(back, updated_at=now, rev=series.rev + 1))

    def _has_entry(self, series: Series, touched: Touched) -> bool:
        key = touched.before.get("lastKey", series.last_key)
        return self._store.get(occurrence_path(series.workspace_id, series.id, key)) is not None

    def _write(
        self, reverted: Reverted, stored: Stored, series: Series, back: Series, actor: Actor
    ) -> None:
        outbox = Outbox()
        if back.is_running and not series.is_running:
            back = self._caught_up(outbox, back, actor)
        if back.paused_at is not None and series.paused_at is None:
            self._withdraw_next(outbox, back)
        fields = series_fields(back)
        set_timer(outbox, back, before=series, now=back.updated_at)
        reverted.writes.extend([Change(stored, fields), *outbox.writes])
        reverted.timers.extend(outbox.timers)
        reverted.touched.extend([Touched.changed(stored, fields), *created_tasks(outbox.writes)])

    def _withdraw_next(self, outbox: Outbox, back: Series) -> None:
        """Let what was made as the series was resumed go again, unless somebody has touched it."""
        last = self._store.get(occurrence_path(back.workspace_id, back.id, back.last_key))
        key = entry_of(last).after if last is not None else None
        if key is None:
            return
        before = self._store.get(occurrence_path(back.workspace_id, back.id, key))
        task_id = entry_of(before).task_id if before is not None else None
        if task_id is not None:
            ref = TaskRef(back.workspace_id, task_id)
            outbox.set(withdrawal(ref, back.updated_at), back.updated_at)

    def _caught_up(self, outbox: Outbox, back: Series, actor: Actor) -> Series:
        """Let there be the next one, where the last was closed while the series did not run."""
        path = occurrence_path(back.workspace_id, back.id, back.last_key)
        stored = self._store.get(path)
        if stored is None or entry_of(stored).state not in CLOSED:
            return back
        turn = ledger.closed(back, back.last_key, back.updated_at, at=back.updated_at)
        if turn is None or not turn.makes:
            return back
        outbox.writes += self._making.occurrences(
            turn.series,
            turn.makes,
            by=actor.uid,
            after=back.last_key,
            planned=back.planned,
            careful=True,
        )
        return replace(turn.series, rev=back.rev)


def _former(stored: Stored, touched: Touched) -> dict[str, Any]:
    """Return the former values of the fields that are still as the command left them."""
    return {
        name: value
        for name, value in touched.before.items()
        if name not in DERIVED and _is_left(stored.fields, touched, name)
    }


def _is_left(fields: Mapping[str, Any], touched: Touched, name: str) -> bool:
    return digest(fields.get(name)) == touched.after.get(name)


def _is_back(stored: Stored, touched: Touched) -> bool:
    names = [name for name in touched.before if name not in DERIVED]
    return all(stored.fields.get(name) == touched.before[name] for name in names)
