"""A project, board, list or label, and what may become of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from backend.kit.errors import Stale
from backend.tasks.model import Task

MAX_NAME = 200
MAX_WIP = 1000


class GroupKind(StrEnum):
    """What tasks are grouped by."""

    PROJECT = "project"
    BOARD = "board"
    LIST = "list"
    LABEL = "label"

    @property
    def collection(self) -> str:
        """The name of its collection."""
        return f"{self.value}s"


class GroupRef(NamedTuple):
    """Where a group is: its id is unique among its kind in its workspace only."""

    workspace_id: str
    kind: GroupKind
    id: str


@dataclass(frozen=True, slots=True)
class Group:
    """
    `workspaces/{w}/projects/{p}`, `boards/{b}`, `lists/{l}` or `labels/{l}`.

    `rank` orders the groups of a kind. Lists have no `color`, but a board, for ever, and perhaps
    `wip_limit`: how many open tasks may stand in it. A board may belong to a project. Labels are
    never archived, and count nothing; what the others count follows from reactions.
    """

    ref: GroupRef
    name: str
    rank: str
    color: str | None
    project_id: str | None
    board_id: str | None
    wip_limit: int | None
    archived_at: datetime | None
    open_tasks: int
    done_tasks: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    rev: int

    @classmethod
    def made(
        cls, ref: GroupRef, *, rank: str, by: str, at: datetime, wanted: Mapping[str, Any]
    ) -> Self:
        """Return a new one. `wanted` holds `name` and what else people set of this kind."""
        return cls(
            ref=ref,
            name=wanted["name"],
            rank=rank,
            color=wanted.get("color"),
            project_id=wanted.get("project_id"),
            board_id=wanted.get("board_id"),
            wip_limit=wanted.get("wip_limit"),
            archived_at=None,
            open_tasks=0,
            done_tasks=0,
            created_at=at,
            created_by=by,
            updated_at=at,
            updated_by=by,
            rev=1,
        )

    @property
    def id(self) -> str:
        """Its id."""
        return self.ref.id

    @property
    def workspace_id(self) -> str:
        """The workspace it lies in."""
        return self.ref.workspace_id

    @property
    def kind(self) -> GroupKind:
        """What it is."""
        return self.ref.kind

    def edited(
        self, changes: Mapping[str, Any], *, by: str, at: datetime, expected_rev: int | None = None
    ) -> "Group":
        """
        Return it with these fields changed, or itself if they change nothing.

        Raises:
            Stale: it is no longer at `expected_rev`.
        """
        if expected_rev is not None and expected_rev != self.rev:
            raise Stale(
                f"The {self.kind.value} is at revision {self.rev}, not {expected_rev}.",
                current=self,
            )
        changed = replace(self, **changes)
        if changed == self:
            return self
        return replace(changed, updated_at=at, updated_by=by, rev=self.rev + 1)

    def archived(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Group":
        """Return it in the archive. Archiving it again changes nothing."""
        when = {"archived_at": self.archived_at or at}
        return self.edited(when, by=by, at=at, expected_rev=expected_rev)

    def unarchived(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Group":
        """Return it out of the archive."""
        return self.edited({"archived_at": None}, by=by, at=at, expected_rev=expected_rev)

    def is_full_with(self, open_tasks: int) -> bool:
        """Whether so many open tasks are more than may stand in it."""
        return self.wip_limit is not None and open_tasks > self.wip_limit


@dataclass(frozen=True, slots=True)
class BoardContents:
    """A board with its live lists and tasks; `is_whole`: there are no more of either."""

    board: Group
    lists: list[Group]
    tasks: list[Task]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SortedOut:
    """How many tasks a command has changed, and the operation that goes on with the rest."""

    tasks: int
    operation_id: str | None = None
