"""React to a board or a list: search finds it by its name."""

import structlog

from backend.adapters.firestore import Store
from backend.boards.documents import group_of, group_path
from backend.boards.model import Group, GroupKind, GroupRef
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.kit.errors import DataLoss
from backend.search.entries import entry_fields, entry_path
from backend.search.places import KINDS, place_entry

log = structlog.get_logger()


class PlaceReactor:
    """
    Keeps the search entries of boards and lists true, whoever renamed, archived or deleted them.

    The entry is its own shadow: it says what was last reacted to, and guards the commit.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def react(self, ref: GroupRef) -> bool:
        """Write, or remove, the entry of a board or list; False if it was true already."""
        entry_at = entry_path(KINDS[ref.kind], ref.workspace_id, ref.id)

        def plan() -> tuple[bool, list[Write]]:
            stored, entry = self._store.get_all([group_path(ref), entry_at])
            writes = _mending(entry_at, group_of(stored) if stored else None, entry)
            return bool(writes), writes

        try:
            is_changed = self._store.commit(plan)
        except DataLoss as error:
            log.exception("place.unreadable", kind=ref.kind.value, detail=error.detail)
            return False
        if is_changed:
            log.info("place.reacted", kind=ref.kind.value)
        return is_changed

    def look_at_board(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found a board."""
        return self.react(GroupRef(stored.parent_id, GroupKind.BOARD, stored.id))

    def look_at_list(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found a list."""
        return self.react(GroupRef(stored.parent_id, GroupKind.LIST, stored.id))


def _mending(path: str, group: Group | None, entry: Stored | None) -> list[Write]:
    if group is None:
        return [Remove(entry)] if entry else []
    fields = entry_fields(place_entry(group))
    if entry is None:
        return [Create(path, fields)]
    is_true = all(
        entry.fields.get(name) == value for name, value in fields.items() if name != "updatedAt"
    )
    return [] if is_true else [Change(entry, fields)]
