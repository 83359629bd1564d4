"""Where series are kept."""

from backend.adapters.firestore import Store
from backend.kit.documents import Query, Stored
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.recurrence.documents import series_of, series_path
from backend.recurrence.series import Series
from backend.workspaces.model import Member


class SeriesRepository:
    """Reads of series."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

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

    def newest(self, asked: Asked, *, seen_by: Member) -> Page[Series]:
        """
        Return a page of the series of a member's workspace, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        series = f"workspaces/{seen_by.workspace_id}/series"
        query = Query(series, limit=asked.size, order_by=("-createdAt",))
        return self._tokens.page(self._store, query, series_of, asked=asked, caller=seen_by.uid)
