"""Where broadcasts, and those they were for, are kept."""

from backend.adapters.firestore import Store
from backend.broadcasts.documents import (
    BROADCASTS,
    Recipient,
    broadcast_of,
    broadcast_path,
    recipient_of,
    recipients_of,
)
from backend.broadcasts.model import Broadcast
from backend.kit.documents import Query, Stored
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens


class BroadcastRepository:
    """Reads of broadcasts."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def get(self, broadcast_id: str) -> tuple[Stored, Broadcast]:
        """
        Return a broadcast, with what was stored.

        Raises:
            NotFound: there is none.
        """
        stored = self._store.get(broadcast_path(checked(broadcast_id)))
        if stored is None:
            raise hidden()
        return stored, broadcast_of(stored)

    def page(self, asked: Asked, *, caller: str) -> Page[Broadcast]:
        """
        Return a page of broadcasts, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        query = Query(BROADCASTS, limit=asked.size, order_by=("-createdAt",))
        return self._tokens.page(self._store, query, broadcast_of, asked=asked, caller=caller)

    def recipients(self, broadcast_id: str, asked: Asked, *, caller: str) -> Page[Recipient]:
        """
        Return a page of those whom a broadcast was for, as their turn came.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        query = Query(recipients_of(broadcast_id), limit=asked.size, order_by=("at",))
        return self._tokens.page(self._store, query, recipient_of, asked=asked, caller=caller)
