"""Looking for things by their words."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Query, Where
from backend.search.entries import ENTRIES, READ, Kind, entry_of
from backend.search.model import Hit, Sought, best
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

MOST_READ = 100  # Entries that one search looks at: what changed last, of those with the token.


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, best first. `is_complete`: there are no others."""

    items: Sequence[Hit]
    is_complete: bool


class SearchService:
    """
    Finds tasks, boards, lists and comments of one workspace by word or by how a word begins.

    The database finds entries by one token, that of the longest word; everything else is decided
    here. So a search is one round trip and `MOST_READ` reads at the most, however much is stored.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def find(
        self, actor: Actor, workspace_id: str, text: str, *, kind: Kind | None, limit: int
    ) -> Found:
        """
        Return what has all words of `text`, of one kind or of any, `limit` at the most.

        Raises:
            NotFound: the caller does not belong to the workspace, or no longer.
            InvalidArgument: there is no word in the text.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.SEARCH)
        sought = Sought.in_words(text)
        found = self._store.find(asking(member.workspace_id, sought, kind))
        hits, number = best(map(entry_of, found), sought, limit=limit)
        return Found(hits, is_complete=len(found) < MOST_READ and number == len(hits))


def asking(workspace_id: str, sought: Sought, kind: Kind | None) -> Query:
    """Return the one query of a search."""
    where = [Where("workspaceId", "==", workspace_id)]
    if kind is not None:
        where.append(Where("kind", "==", kind.value))
    where.append(Where("tokens", "array_contains", sought.key))
    return Query(ENTRIES, MOST_READ, tuple(where), ("-updatedAt",), only=READ)
