"""Where series are kept."""

from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.recurrence.documents import series_of, series_path
from backend.recurrence.series import Series
from backend.workspaces.model import Member

MAX_SERIES = 100


class SeriesRepository:
    """Reads of series."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, series_id: str, *, seen_by: Member) -> tuple[Stored, Series]:
        """
        Return a series of a member's workspace, with what was stored.

        Raises:
            NotFound: there is none.
        """
        stored = self._store.get(series_path(seen_by.workspace_id, checked(series_id)))
        if stored is None:
            raise hidden()
        return stored, series_of(stored)

    def newest(self, *, seen_by: Member) -> list[Series]:
        """Return the series of a member's workspace, newest first, `MAX_SERIES` at the most."""
        found = self._store.find(
            Query(
                f"workspaces/{seen_by.workspace_id}/series",
                limit=MAX_SERIES,
                order_by=("-createdAt",),
            )
        )
        return [series_of(stored) for stored in found]
