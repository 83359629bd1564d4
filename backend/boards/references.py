"""Who refers to a group, and what becomes of them without it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.boards.documents import changing, group_of, groups_path
from backend.boards.model import GroupKind, GroupRef
from backend.kit.documents import Change, Query, Remove, Stored, Where, Write
from backend.kit.errors import DataLoss
from backend.tasks.documents import changing as changing_task
from backend.tasks.documents import task_of, tasks_path
from backend.tasks.model import Task
from backend.undo.model import Touched

# How tasks name groups of each kind.
NAMED_BY = {
    GroupKind.PROJECT: ("projectId", "=="),
    GroupKind.BOARD: ("boardId", "=="),
    GroupKind.LIST: ("listId", "=="),
    GroupKind.LABEL: ("labelIds", "array_contains"),
}
# The groups that belong to another: boards to a project, lists to a board.
BELONGING = {
    GroupKind.PROJECT: (GroupKind.BOARD, "projectId"),
    GroupKind.BOARD: (GroupKind.LIST, "boardId"),
}


@dataclass(frozen=True, slots=True)
class Referring:
    """Tasks and groups that refer to a group, whatever state they are in."""

    tasks: list[Stored] = field(default_factory=list)
    groups: list[Stored] = field(default_factory=list)

    @property
    def most(self) -> int:
        """How many there are of the kind of which there are more."""
        return max(len(self.tasks), len(self.groups))


@dataclass(slots=True)
class Loosened:
    """The writes that end references, and what takes them back."""

    writes: list[Write] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)


def referring_to(store: Store, ref: GroupRef, *, limit: int) -> Referring:
    """Return what refers to a group: in the trash and the archive too, `limit` of either."""
    name, how = NAMED_BY[ref.kind]
    where = (Where(name, how, ref.id),)
    tasks = store.find(Query(tasks_path(ref.workspace_id), limit, where=where))
    if ref.kind not in BELONGING:
        return Referring(tasks)
    kind, field_name = BELONGING[ref.kind]
    groups = groups_path(ref.workspace_id, kind)
    query = Query(groups, limit, where=(Where(field_name, "==", ref.id),))
    return Referring(tasks, store.find(query))


def loosening(found: Referring, ref: GroupRef, *, by: str, at: datetime) -> Loosened:
    """Return what ends these references; the reactor writes the history of the tasks."""
    loosened = Loosened()
    add_groups(loosened, found.groups, by=by, at=at)
    for stored in found.tasks:
        try:
            task = task_of(stored)
        except DataLoss:  # Nobody can read it, and still it must not name what is gone.
            loosened.writes.append(Change(stored, _bare(stored, ref)))
            continue
        write = changing_task(stored, task.edited(without(ref, task), by=by, at=at))
        if write.fields:
            loosened.writes.append(write)
            loosened.touched.append(Touched.changed(stored, write.fields))
    return loosened


def add_groups(loosened: Loosened, groups: Sequence[Stored], *, by: str, at: datetime) -> None:
    """Add what becomes of the groups that belonged to one: lists go with their board."""
    for stored in groups:
        if stored.path.split("/")[2] == GroupKind.LIST.collection:
            loosened.writes.append(Remove(stored))
            loosened.touched.append(Touched.removed(stored))
            continue
        board = group_of(stored).edited({"project_id": None}, by=by, at=at)
        write = changing(stored, board)
        loosened.writes.append(write)
        loosened.touched.append(Touched.changed(stored, write.fields))


def without(ref: GroupRef, task: Task) -> dict[str, Any]:
    """Return the changes, as of `Task.edited`, that take a task off a group."""
    match ref.kind:
        case GroupKind.PROJECT:
            return {"project_id": None}
        case GroupKind.BOARD:
            return {"board_id": None, "list_id": None}
        case GroupKind.LIST:
            return {"list_id": None}
        case GroupKind.LABEL:
            return {"label_ids": tuple(each for each in task.label_ids if each != ref.id)}


def _bare(stored: Stored, ref: GroupRef) -> dict[str, Any]:
    name, how = NAMED_BY[ref.kind]
    if how == "==":
        return {name: None}
    return {name: [each for each in stored.fields[name] if each != ref.id]}
