"""What repositories and the store tell each other: documents read, writes wished for, queries."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.kit.errors import DataLoss

Fields = Mapping[str, Any]

NAME = "__name__"  # What Firestore calls the path of a document in queries.


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it was read. `updated_at` is Firestore's `update_time`: the precondition."""

    path: str
    fields: Fields
    updated_at: datetime

    @property
    def id(self) -> str:
        """The last segment of the path."""
        return self.path.rsplit("/", 1)[1]

    @property
    def parent_id(self) -> str:
        """The id of the document whose subcollection this one lies in."""
        return self.path.split("/")[-3]


@dataclass(frozen=True, slots=True)
class Create:
    """Write a new document; the commit fails if there is one."""

    path: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Change:
    """Write these top-level fields of `of`, provided nobody wrote to it since it was read."""

    of: Stored
    fields: Fields


@dataclass(frozen=True, slots=True)
class Adjust:
    """Merge these fields (usually `Increment`s) into a document that may or may not exist."""

    path: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole document, whatever was there. Needs a guarded write beside it."""

    path: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete `of`, provided nobody wrote to it since it was read."""

    of: Stored


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Delete a document, whether or not it exists. Needs a guarded write beside it."""

    path: str


@dataclass(frozen=True, slots=True)
class Bump:
    """
    Add `Increment`s, perhaps inside of a map, to a document that must be there.

    Unlike `Adjust` it never makes one, and unlike `Change` it loses no race to other writers. Where
    the document is gone the commit fails, and a plan that runs again finds that it is.
    """

    path: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Unchanged:
    """
    Write nothing, but let the commit fail if somebody wrote to `of` since it was read.

    For what was decided from a document that the commit leaves as it is. Billed as a write.
    """

    of: Stored


@contextmanager
def reading(stored: Stored) -> Iterator[Fields]:
    """
    Give the fields of a document to whoever makes sense of them.

    Raises:
        DataLoss: they are not what our code or the rules would have written.
    """
    try:
        yield stored.fields
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # Never the error's own words: they quote what somebody wrote.
        what = type(error).__name__
        raise DataLoss(f"The document {stored.path} cannot be read ({what}).") from error


Write = Create | Change | Adjust | Put | Remove | Withdraw | Bump | Unchanged


@dataclass(frozen=True, slots=True)
class Increment:
    """Add `by` to the number stored, or to 0."""

    by: int


@dataclass(frozen=True, slots=True)
class Where:
    """
    One condition. `op` is Firestore's: `==` `<` `<=` `>` `>=` `in` `array_contains`, and
    `array_contains_any`.
    """

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """
    A bounded query of one collection, or of every collection of that name (`group`).

    Of the groups in `either`, all conditions of one must hold besides, where there are any.
    `order_by` holds field names, `-` in front for descending; ties are broken by document path.
    `after` is the last document of the page before: its values of `order_by`, then its path.
    `dropped` conditions must hold too, but no index joins them with the others: documents are read
    without them, and `kit.pages.gather` drops those that do not meet them. `NAME` is the path: it
    can be compared with others, and ordered by, which needs no index. `only` names the fields to
    be read, where not all are; it changes what is sent, not what is billed.
    """

    collection: str
    limit: int
    where: tuple[Where, ...] = ()
    order_by: tuple[str, ...] = ()
    group: bool = False
    after: tuple[Any, ...] | None = None
    dropped: tuple[Where, ...] = ()
    only: tuple[str, ...] = ()
    either: tuple[tuple[Where, ...], ...] = ()
