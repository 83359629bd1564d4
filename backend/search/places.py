"""Search entries of boards and lists."""

from collections.abc import Iterable

from backend.boards.documents import group_of
from backend.boards.model import Group, GroupKind
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.search.entries import Entry, Kind, forgetting, putting

KINDS = {GroupKind.BOARD: Kind.BOARD, GroupKind.LIST: Kind.LIST}
COLLECTIONS = frozenset(kind.collection for kind in KINDS)
SEARCHED = frozenset({"name", "archivedAt"})


def place_entry(group: Group) -> Entry:
    """Return the entry of a board or a list."""
    return Entry(
        kind=KINDS[group.ref.kind],
        workspace_id=group.ref.workspace_id,
        id=group.ref.id,
        title=group.name,
        text="",
        is_archived=group.archived_at is not None,
        updated_at=group.updated_at,
        board_id=group.board_id,
    )


def keeping_places(writes: Iterable[Write]) -> list[Write]:
    """
    Return what keeps the entries of boards and lists true beside writes of these.

    For commits of our own. Doorbells ring where a board or list is made or deleted, not where it
    changes: that would be with each card that moves, since it is counted there. What an app renames
    itself is found by the sweep.
    """
    return [entry for write in writes for entry in _keeping(write)]


def _keeping(write: Write) -> list[Write]:
    match write:
        case Remove(stored):
            return [*forgetting(stored.path)] if _is_place(stored.path) else []
        case Change(stored, fields) if _is_place(stored.path) and SEARCHED & fields.keys():
            after = Stored(stored.path, {**stored.fields, **fields}, stored.updated_at)
            return [putting(place_entry(group_of(after)))]
        case Create(path, fields) if _is_place(path):
            # The entry is of what is being written, which has no update time yet.
            made = Stored(path, fields, fields["updatedAt"])
            return [putting(place_entry(group_of(made)))]
    return []


def _is_place(path: str) -> bool:
    segments = path.split("/")
    return len(segments) == 4 and segments[2] in COLLECTIONS
