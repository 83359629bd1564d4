"""Putting series back as they were before a command."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Stored
from backend.recurrence.documents import series_fields, series_of
from backend.recurrence.series import Series, SeriesState
from backend.undo.model import Kind, Reverted, Touched
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class SeriesReverter:
    """A series that was begun ends, and one that was ended goes on. Its tasks are tasks."""

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts series of a workspace back.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        for right in (Right.CREATE_SERIES, Right.END_SERIES):
            self._workspaces.admit(actor, workspace_id, to=right)
        reverted = Reverted()
        found = self._store.get_all([each.path for each in touched])
        for each, stored in zip(touched, found, strict=True):
            if stored is None:
                reverted.kept.append(each.path)
                continue
            series = series_of(stored)
            back = _back(series, each, now)
            if back is not None and back is not series:
                self._write(reverted, stored, back)
            (reverted.kept if back is None else reverted.undone).append(each.path)
        return reverted

    def _write(self, reverted: Reverted, stored: Stored, back: Series) -> None:
        fields = series_fields(back)
        reverted.writes.append(Change(stored, fields))
        reverted.touched.append(Touched.changed(stored, fields))


def _back(series: Series, touched: Touched, now: datetime) -> Series | None:
    """Return a series as it was; itself if it is so already, None if it has gone on since."""
    is_begun = touched.kind is Kind.CREATED
    former = SeriesState.ENDED if is_begun else SeriesState(touched.before["state"])
    if series.state is former:
        return series
    if is_begun and series.rev != touched.rev:
        return None  # It has made tasks since, or somebody has ended and resumed it.
    return replace(series, state=former, updated_at=now, rev=series.rev + 1)
