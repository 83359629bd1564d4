"""Where projects, boards, lists and labels are kept."""

from collections.abc import Mapping
from typing import Any

from backend.adapters.firestore import Store
from backend.boards.documents import group_of, group_path, groups_path
from backend.boards.listing import GROUP_LISTS
from backend.boards.model import Group, GroupKind, GroupRef
from backend.kit.documents import Query, Where
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.kit.placing import Siblings
from backend.tasks.documents import task_of, tasks_path
from backend.tasks.model import Task
from backend.workspaces.model import Member

MOST_LISTS, MOST_CARDS = 30, 300  # Of a board: what an app listens to at once.


class Groups:
    """Reads of groups. None without saying which member reads."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def get(self, kind: GroupKind, group_id: str, *, seen_by: Member) -> Group:
        """
        Return a group of a member's workspace.

        Raises:
            NotFound: there is none.
            DataLoss: it cannot be read.
        """
        ref = GroupRef(seen_by.workspace_id, kind, checked(group_id))
        stored = self._store.get(group_path(ref))
        if stored is None:
            raise hidden()
        return group_of(stored)

    def page(
        self, kind: GroupKind, wanted: Mapping[str, Any], *, asked: Asked, seen_by: Member
    ) -> Page[Group]:
        """
        Return a page of one of the `GROUP_LISTS` of a member's workspace.

        Raises:
            InvalidArgument: no index serves it, or the page token belongs to another list.
        """
        collection = groups_path(seen_by.workspace_id, kind)
        query = GROUP_LISTS[kind].query(collection, wanted, order=None, limit=asked.size)
        return self._tokens.page(self._store, query, group_of, asked=asked, caller=seen_by.uid)

    def siblings(self, workspace_id: str, kind: GroupKind, board_id: str | None) -> Siblings:
        """Return the order that groups of a kind stand in; lists stand in that of their board."""
        collection = groups_path(workspace_id, kind)
        own = (Where("boardId", "==", board_id),) if kind is GroupKind.LIST else ()
        where = (*GROUP_LISTS[kind].always, *own)

        def query(order: str, limit: int, after: tuple[Any, ...] | None) -> Query:
            return Query(collection, limit, where=where, order_by=(order,), after=after)

        return Siblings(self._store.find, query)

    def lists_of(self, board: Group) -> list[Group]:
        """Return the live lists of a board by rank, `MOST_LISTS` at the most."""
        collection = groups_path(board.workspace_id, GroupKind.LIST)
        wanted = {"board_id": board.id}
        query = GROUP_LISTS[GroupKind.LIST].query(collection, wanted, order=None, limit=MOST_LISTS)
        return [group_of(stored) for stored in self._store.find(query)]

    def cards_of(self, board: Group) -> list[Task]:
        """Return the live tasks of a board by list and rank, `MOST_CARDS` at the most."""
        live = (Where("deletedAt", "==", None), Where("archivedAt", "==", None))
        query = Query(
            tasks_path(board.workspace_id),
            MOST_CARDS,
            where=(*live, Where("boardId", "==", board.id)),
            order_by=("listId", "rank"),
        )
        return [task_of(stored) for stored in self._store.find(query)]
