"""What a command left behind, so that it can be taken back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, Self, TypeVar

from backend.kit.actor import Actor
from backend.kit.documents import Fields, Stored, Write
from backend.kit.tagged import tagged
from backend.timers.model import Timer

T = TypeVar("T")

OFFERED_FOR = timedelta(hours=24)
TRAVELLING = ("allDay", "floating")  # Kinds of due dates whose zone is the person's.


class Kind(StrEnum):
    """What a command did to a document."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    RECORDED = "recorded"  # Changed, and its history holds what it was.


@dataclass(frozen=True, slots=True)
class Touched:
    """
    A document as a command left it, and what it takes to put it back.

    `rev` is the revision that the command gave it. `before` are the fields it changed, as they
    were: the whole document where it was removed, nothing where it was created, or where the
    history knows. `after` tells, by digest, what the command made of each of them: only what is
    still as the command left it is put back.
    """

    path: str
    rev: int
    kind: Kind
    before: Fields = field(default_factory=dict, hash=False)
    after: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def created(cls, path: str, rev: int = 1) -> Self:
        """Return what a command leaves that makes a document."""
        return cls(path, rev, Kind.CREATED)

    @classmethod
    def recorded(cls, path: str, rev: int) -> Self:
        """Return what a command leaves that changes a document and writes its history."""
        return cls(path, rev, Kind.RECORDED)

    @classmethod
    def changed(cls, stored: Stored, changes: Fields) -> Self:
        """Return what a command leaves that writes these fields, `rev` among them."""
        names = [name for name in changes if stored.fields.get(name) != changes[name]]
        return cls(
            stored.path,
            changes["rev"],
            Kind.CHANGED,
            before={name: stored.fields.get(name) for name in names},
            after={name: digest(changes[name]) for name in names},
        )

    @classmethod
    def removed(cls, stored: Stored) -> Self:
        """Return what a command leaves that deletes a document for good."""
        return cls(stored.path, stored.fields.get("rev", 0), Kind.REMOVED, before=stored.fields)

    @property
    def workspace_id(self) -> str:
        """The workspace it lies in."""
        return self.path.split("/")[1]

    @property
    def collection(self) -> str:
        """The name of its collection."""
        return self.path.split("/")[-2]

    @property
    def id(self) -> str:
        """The last segment of its path."""
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Offered:
    """The token that takes a command back, and what its commit has to write for that."""

    token: str
    writes: Sequence[Write] = ()


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a command came to, and the `Undo-Token` that takes it back; None: nothing changed."""

    value: T
    undo: str | None


@dataclass(frozen=True, slots=True)
class Reverted:
    """
    What puts documents back: the writes, and the paths of what they put back or leave.

    `undone` are also those that are back already, without a write. `touched` is what takes the
    writes themselves back, so that an undo can be undone; without it, it is offered no way back.
    `timers` are among the writes, and announced once these are committed.
    """

    writes: list[Write] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to: paths of what is as it was before, and of what was left as it is."""

    undone: tuple[str, ...]
    kept: tuple[str, ...]


class Reverter(Protocol):
    """Knows how documents of one collection are put back; part of the plan of a commit."""

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts these documents of a workspace back, as a change of the actor's.

        Field by field: what somebody changed since is left as it is. A document of which nothing
        is put back is named among `kept`; one that is back already is `undone` without a write,
        so that a repeated undo changes nothing and answers the same.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """


def digest(value: Any) -> str:
    """
    Return what tells one value of a document from another.

    A due date that travels with a person is the same in every zone: that follows the person.
    """
    if isinstance(value, Mapping) and value.get("kind") in TRAVELLING:
        value = {name: each for name, each in value.items() if name != "tz"}
    text = json.dumps(tagged(value), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
