"""
What belongs into somebody's archive, and where each document goes.

Chapters are read one after the other, each in the order of its documents' paths, so that a reader
who stopped anywhere goes on behind the last path.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.adapters.firestore import Store
from backend.exporting.shapes import collection_of, schemas
from backend.kit.documents import NAME, Query, Stored, Where
from backend.leaving.inventory import row_of

PAGE = 100


class Section(StrEnum):
    """
    What an entry of the archive is.

    Own state can be imported elsewhere. What was authored in teams, and what only tells about the
    person, is for reading.
    """

    OWN = "own"
    SHARED = "shared"
    INFO = "info"


# Devices register anew wherever their app is; commands waiting to be run were meant for here.
FOR_READING = frozenset({"users.devices", "users.intents", "operations"})
# Tokens open doors, and addresses in invitations are other people's.
HIDDEN_FIELDS: Mapping[str, frozenset[str]] = {
    "users.devices": frozenset({"token", "fid"}),
    "operations": frozenset({"uid", "cursor", "result", "rev"}),
}
# What is at home has been read there. Both sides of it, in the order of paths.
BESIDE_HOME = ("<", ">")
MOST_FILES = 4  # In a step, which has some seconds for them.
LEFT_OUT = frozenset({"workspaces.invites"})


Find = Callable[[str, str], Sequence[Stored]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """
    A part of the archive: how its documents are found, by uid, a page behind a path ("": from the
    beginning). `is_elsewhere`: it looks into workspaces of others. `unless_made`: what the person
    made themselves stands in another chapter already. `has_files`: a file comes with each.
    """

    find: Find
    page: int
    is_elsewhere: bool = False
    unless_made: bool = False
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A document, and where it stands in the archive."""

    section: Section
    collection: str
    path: str
    data: Mapping[str, Any]


def chapters(store: Store, *, page: int = PAGE) -> tuple[Chapter, ...]:
    """Return all chapters, in their order. Each reads so many documents at once."""
    few = min(MOST_FILES, page)
    uploads = _named(store, "attachments", "uploadedBy", "==", few)
    elsewhere = (
        ("tasks", "createdBy", "==", False),
        ("tasks", "assigneeIds", "array_contains", True),
        ("comments", "authorUid", "==", False),
    )
    return (
        Chapter(_roots(store), page=3),  # There are two, so these are all.
        Chapter(_below(store, "users", page), page),
        Chapter(_below(store, "workspaces", page), page),
        Chapter(_named(store, "members", "uid", "==", page), page, is_elsewhere=True),
        *(
            Chapter(_named(store, name, field, op, page, side), page, True, unless_made)
            for name, field, op, unless_made in elsewhere
            for side in BESIDE_HOME
        ),
        # Also those at home, whose files are still to come.
        Chapter(uploads, few, is_elsewhere=True, has_files=True),
        Chapter(_named(store, "operations", "uid", "==", page), page),
    )


def _roots(store: Store) -> Find:
    def find(uid: str, _after: str) -> Sequence[Stored]:
        return [each for each in store.get_all([f"users/{uid}", f"workspaces/{uid}"]) if each]

    return find


def _below(store: Store, root: str, page: int) -> Find:
    return lambda uid, after: store.below(f"{root}/{uid}", limit=page, after=after, whole=True)


def _named(store: Store, name: str, field: str, op: str, page: int, side: str = "") -> Find:
    """Find documents by a field that names the person, perhaps on one side of their home only."""

    def find(uid: str, after: str) -> Sequence[Stored]:
        # `!` comes before every character of an id: nothing lies between the two but the home.
        home = f"workspaces/{uid}!" if side == ">" else f"workspaces/{uid}"
        beside = (Where(NAME, side, home),) if side else ()
        return store.find(
            Query(
                name,
                limit=page,
                where=(Where(field, op, uid), *beside),
                order_by=(NAME,),
                group=name != "operations",
                after=(after,) if after else None,
            )
        )

    return find


def placed(stored: Stored, *, uid: str, chapter: Chapter) -> Placed | None:
    """Say where a document of a chapter goes; None if it is left out, or stands there already."""
    collection = collection_of(stored.path)
    section = _section(stored, collection, uid=uid, chapter=chapter)
    if section is None:
        return None
    hidden = HIDDEN_FIELDS.get(collection, frozenset())
    data = {name: value for name, value in stored.fields.items() if name not in hidden}
    return Placed(section, collection, stored.path, data)


def _section(stored: Stored, collection: str, *, uid: str, chapter: Chapter) -> Section | None:
    row = row_of(stored.path)
    if collection in LEFT_OUT or (row is not None and not row.is_exported):
        return None
    if chapter.is_elsewhere:
        is_at_home = stored.path.startswith(f"workspaces/{uid}/")
        is_repeated = chapter.unless_made and stored.fields.get("createdBy") == uid
        return None if is_at_home or is_repeated else Section.SHARED
    if collection == "workspaces.members" and stored.id != uid:
        return None  # Others' names; and restored elsewhere, they would open doors.
    # What we know no shape of is theirs nevertheless, but cannot be checked when it comes back.
    is_known = row is not None and collection in schemas()
    return Section.OWN if is_known and collection not in FOR_READING else Section.INFO
