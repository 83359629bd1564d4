"""Reads of people's inboxes. Everyone reads their own only."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.inbox.documents import is_kept, item_of
from backend.inbox.model import Item, Wanted, is_snoozed
from backend.kit.actor import Actor
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import DataLoss, hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.notifications.documents import notification_path, notifications_path
from backend.notifications.model import Channel

BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class Inboxes:
    """Notifications and their decisions."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def page(self, actor: Actor, wanted: Wanted, asked: Asked, now: datetime) -> Page[Item]:
        """
        Return a page of the caller's notifications, the newest first.

        What is archived comes by when it was archived, the latest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """

        def is_wanted(stored: Stored) -> bool:
            is_hidden = wanted.unread and is_snoozed(stored.fields, now)
            return not is_hidden and is_kept(stored, now) and _is_readable(stored, now)

        return self._tokens.page(
            self._store,
            _query(actor.uid, wanted, asked.size),
            lambda stored: item_of(stored, now),
            asked=asked,
            caller=actor.uid,
            keeping=is_wanted,
        )

    def get(self, actor: Actor, notification_id: str, now: datetime) -> Item:
        """
        Return a notification of the caller.

        Raises:
            NotFound: there is none, or its time is over.
            DataLoss: it cannot be read.
        """
        stored = self._store.get(notification_path(actor.uid, checked(notification_id)))
        return item_of(seen(stored, now), now)

    def decisions(self, actor: Actor, notification_id: str, now: datetime) -> list[Stored]:
        """
        Return the decisions about a notification of the caller.

        Raises:
            NotFound: there is no such notification, or its time is over.
        """
        path = notification_path(actor.uid, checked(notification_id))
        decided = [f"{path}/decisions/{channel.value}" for channel in Channel]
        stored, *found = self._store.get_all([path, *decided])
        seen(stored, now)
        return [each for each in found if each is not None]


def seen(stored: Stored | None, now: datetime) -> Stored:
    """
    Return a notification that was read, if its person may see it.

    Raises:
        NotFound: there is none, or its time is over.
    """
    if stored is None or not is_kept(stored, now):
        raise hidden()
    return stored


def outside_of_archive(
    uid: str, *, unread: bool, limit: int, after: tuple[Any, ...] | None = None
) -> Query:
    """Return the query of all that is not archived, or of the unread among it, the newest first."""
    return replace(_query(uid, Wanted(unread=unread), limit), after=after)


def _query(uid: str, wanted: Wanted, limit: int) -> Query:
    where = [Where("archivedAt", ">", BEGINNING)]
    order = "-archivedAt"
    if not wanted.archived:
        where, order = [Where("archivedAt", "==", None)], "-createdAt"
    if wanted.unread:
        where.append(Where("readAt", "==", None))
    if wanted.category is not None:
        where.append(Where("category", "==", wanted.category))
    return Query(notifications_path(uid), limit=limit, where=tuple(where), order_by=(order,))


def _is_readable(stored: Stored, now: datetime) -> bool:
    """One that nobody can make sense of keeps nobody from the others."""
    try:
        item_of(stored, now)
    except DataLoss:
        return False
    return True
