"""What a task is in another workspace, and how far its move is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, Self

from backend.kit.ids import derived_id
from backend.tasks.details import reminding
from backend.tasks.model import MovedTo, Task, TaskRef
from backend.tasks.people import people_on

# Each is created there with a line of history, and put in the trash here: one commit.
MOST_TASKS = 130
# What a task refers to in its workspace, and leaves behind there.
LEFT_BEHIND = ("project_id", "board_id", "list_id", "label_ids", "series_id")


class Pair(NamedTuple):
    """A task, the one it becomes, and the revision at which it left."""

    old_id: str
    new_id: str
    rev: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where tasks arrive: the workspace, who of their people is there, and their ids there."""

    workspace_id: str
    present: frozenset[str]
    ids: Mapping[str, str]

    @classmethod
    def of(
        cls, operation_id: str, workspace_id: str, family: Sequence[Task], present: frozenset[str]
    ) -> Self:
        """Return where a family arrives. The ids follow from the operation: it makes them once."""
        ids = {task.id: derived_id("moved", operation_id, task.id) for task in family}
        return cls(workspace_id, present, ids)

    def as_there(self, task: Task) -> Task:
        """Return a task as it was, under its id there: what its history there begins with."""
        return replace(task, id=self.ids[task.id], workspace_id=self.workspace_id)

    def arrived(self, task: Task, *, by: str, at: datetime) -> Task:
        """
        Return what a task becomes there, as a change by who moves it.

        It keeps its place below those that come along, and waits for none but them. What is
        counted of it is counted anew. Its people are those who belong to the workspace.
        """
        above = tuple(self.ids[one] for one in task.ancestor_ids if one in self.ids)
        blockers = tuple(self.ids[one] for one in task.blocked_by if one in self.ids)
        has_parent = task.parent_id in self.ids
        there = replace(
            self.as_there(task),
            project_id=None,
            board_id=None,
            list_id=None,
            label_ids=(),
            series_id=None,
            occurrence_key=None,
            assignee_ids=tuple(uid for uid in task.assignee_ids if uid in self.present),
            watcher_ids=tuple(uid for uid in task.watcher_ids if uid in self.present),
            reminders=reminding(task.reminders, self.present),
            parent_id=self.ids[str(task.parent_id)] if has_parent else None,
            rank=task.rank if has_parent else None,
            ancestor_ids=above if has_parent else (),
            depth=len(above) if has_parent else 0,
            blocked_by=blockers,
            is_blocked=bool(blockers) and task.is_blocked,
            counters={},
            recorded=None,
            updated_at=at,
            updated_by=by,
            rev=task.rev + 1,
        )
        return there.settled(at)

    def left(self, task: Task, *, by: str, at: datetime, expected_rev: int | None = None) -> Task:
        """
        Return what remains of a task where it was: in the trash, with the way to where it is.

        Raises:
            Stale: it is no longer at `expected_rev`.
        """
        gone = task.deleted(by=by, at=at, expected_rev=expected_rev)
        return replace(gone, moved_to=MovedTo(self.workspace_id, self.ids[task.id]))

    def lost(self, task: Task) -> set[str]:
        """Return the people on a task who do not belong to the workspace it comes to."""
        return set(people_on(task)) - self.present


@dataclass(frozen=True, slots=True)
class Place:
    """
    How far a move is: what stands in the cursor of its operation.

    `after` is the path of the last document below the present pair; `pending` are comments, by task
    and id, that were copied and not reacted to yet.
    """

    source: str
    target: str
    pairs: tuple[Pair, ...]
    next: int = 0
    after: str = ""
    pending: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def at(cls, cursor: Mapping[str, Any]) -> Self:
        """Read it from a cursor."""
        return cls(
            cursor["source"],
            cursor["target"],
            tuple(Pair(one["old"], one["new"], one["rev"]) for one in cursor["pairs"]),
            cursor["next"],
            cursor["after"],
            tuple((one["taskId"], one["commentId"]) for one in cursor["pending"]),
        )

    @property
    def cursor(self) -> dict[str, Any]:
        """What stands in the document."""
        return {
            "source": self.source,
            "target": self.target,
            "pairs": [{"old": one.old_id, "new": one.new_id, "rev": one.rev} for one in self.pairs],
            "next": self.next,
            "after": self.after,
            "pending": [{"taskId": task, "commentId": each} for task, each in self.pending],
        }

    @property
    def pair(self) -> Pair | None:
        """What is being copied; None: all of it was."""
        return self.pairs[self.next] if self.next < len(self.pairs) else None

    def refs(self, pair: Pair) -> tuple[TaskRef, TaskRef]:
        """Return where the two tasks of a pair are."""
        return TaskRef(self.source, pair.old_id), TaskRef(self.target, pair.new_id)
