"""Putting a task elsewhere: on another board or list, in another project, below another task."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backend.kit.actor import Actor
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import Fault, InvalidArgument
from backend.kit.placing import Asking, Place, Siblings, place
from backend.kit.ranks import is_rank
from backend.tasks.desk import Desk
from backend.tasks.documents import task_path, tasks_path
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef
from backend.tasks.references import named, referring
from backend.undo.model import Done
from backend.workspaces.permissions import Right

LIVE = (Where("deletedAt", "==", None), Where("archivedAt", "==", None))
# What can change by a move, and with it.
PLACES = ("project_id", "board_id", "list_id", "parent_id", "ancestor_ids", "depth")


# What tasks that stand in one order have in common, by fields of `Task`.
Order = tuple[tuple[str, str | None], ...]
FIELDS = {
    "list_id": "listId",
    "board_id": "boardId",
    "project_id": "projectId",
    "parent_id": "parentId",
}


@dataclass(frozen=True, slots=True)
class Move:
    """
    What a task is to belong to (`project_id`, `board_id`, `list_id`, `parent_id`), and where there.

    `belonging` holds what changes; None takes it out. With nothing said of the place it is the end,
    where it belongs to something else by then.
    """

    belonging: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    to: Place | None = None

    def reading(self, workspace_id: str) -> list[str]:
        """Return the paths of what it names, to be read with the task."""
        beside = self.to.named.values() if self.to else ()
        return [
            *named(workspace_id, self.belonging),
            *(task_path(TaskRef(workspace_id, each)) for each in beside),
        ]


class Moving:
    """Moves tasks for those who may change them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def move(
        self, actor: Actor, ref: TaskRef, wanted: Move, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """
        Put a task elsewhere; one document is written, but where there is no room.

        Raises:
            NotFound: there is none, or the caller may not see it.
            PermissionDenied: the caller may see it, but not change it.
            Stale: it is no longer at `expected_rev`.
            InvalidArgument: as `move`.
        """
        return self._desk.change(
            actor,
            ref,
            lambda draft: move(draft, ref.task_id, wanted, expected_rev=expected_rev),
            to=Right.CHANGE_TASK,
            reading=wanted.reading(ref.workspace_id),
            done="task.moved",
        )


def move(draft: Draft, task_id: str, wanted: Move, *, expected_rev: int | None = None) -> Task:
    """
    Put a task elsewhere, as an act on a draft; return it as it will be.

    With a rank, or between two that are named, no query is asked; else one, for the neighbours.

    Raises:
        InvalidArgument: what it is to belong to, or to stand beside, is not there, or does not fit
            together (`unknown-reference`); the list is full (`limit-exceeded`); or as
            `trees.place`.
        FailedPrecondition: there is no room, even if a hundred neighbours move.
    """
    old = draft.task(task_id)
    edited = old.edited(wanted.belonging, by=draft.by, at=draft.now, expected_rev=expected_rev)
    there = edited if edited is old else referring(draft, old, edited)
    rank = _rank(draft, old, there, wanted.to)
    changes = {name: getattr(there, name) for name in PLACES}
    draft.put(moved := old.edited({**changes, "rank": rank}, by=draft.by, at=draft.now))
    return moved


def _rank(draft: Draft, old: Task, task: Task, to: Place | None) -> str | None:
    where = order_of(task)
    if to is None and where == order_of(old):
        return task.rank
    if to is not None and to.rank is not None:
        return to.rank
    if where is None:
        if to is None:
            return task.rank
        raise _nothing_beside("after" if to.after else "before")
    to = to or Place()
    beside = {name: _sibling(draft, each, where, name) for name, each in to.named.items()}
    placing = place(_DraftSiblings(draft, where, task.id), draft.path(task.id), to, beside)
    for stored, rank in placing.others:
        other = draft.any_task(stored.id)
        draft.put(other.edited({"rank": rank}, by=draft.by, at=draft.now))
    return placing.rank


def order_of(task: Task) -> Order | None:
    """Return what the tasks have in common that stand in one order with a task; None: nothing."""
    if task.list_id is not None:
        return (("list_id", task.list_id),)
    if task.board_id is not None:
        return (("board_id", task.board_id), ("list_id", None))
    if task.project_id is not None:
        return (("project_id", task.project_id),)
    return (("parent_id", task.parent_id),) if task.parent_id is not None else None


def standing_in(workspace_id: str, where: Order) -> Asking:
    """Return what makes the queries of the live tasks that stand in an order."""
    own = tuple(Where(FIELDS[name], "==", value) for name, value in where)

    def query(order: str, limit: int, after: tuple[Any, ...] | None) -> Query:
        tasks = tasks_path(workspace_id)
        return Query(tasks, limit, where=(*LIVE, *own), order_by=(order,), after=after)

    return query


def _sibling(draft: Draft, task_id: str, where: Order, name: str) -> Stored:
    task, stored = draft.find(task_id), draft.document(draft.path(task_id))
    if task is None or not _is_among(task, where):
        raise _nothing_beside(name)
    # One that the same draft has made has not been stored yet.
    fields = {**(stored.fields if stored else {}), "rank": task.rank}
    return replace(stored, fields=fields) if stored else _unstored(draft, task)


def _nothing_beside(name: str) -> InvalidArgument:
    detail = "There is no such task in the same list, board or project, or below the same task."
    return InvalidArgument(detail, faults=(Fault(f"/{name}", "unknown-reference", detail),))


def _is_among(task: Task, where: Order) -> bool:
    return task.is_live and all(getattr(task, name) == value for name, value in where)


def _unstored(draft: Draft, task: Task) -> Stored:
    return Stored(draft.path(task.id), {"rank": task.rank}, draft.now)


class _DraftSiblings(Siblings):
    """The tasks of one order as a draft has them by now: it may have moved some of them."""

    def __init__(self, draft: Draft, where: Order, moving: str) -> None:
        self._draft = draft
        self._where = where
        self._moving = moving
        super().__init__(draft.ask, standing_in(draft.workspace_id, where))

    def near(self, of: Stored | None, limit: int, *, before: bool = False) -> list[Stored]:
        """Return those behind one, or before it, the nearest first; from the end where None."""
        found = super().near(of, limit, before=before)
        mine = {
            self._draft.path(task.id): task
            for task in (*self._draft.changed, *self._draft.added)
            if task.id != self._moving
        }
        if not mine:
            return found
        position = _position(of) if of is not None else None
        kept = [each for each in found if each.path not in mine]
        for task in mine.values():
            each = _unstored(self._draft, task)
            if is_rank(task.rank) and _is_among(task, self._where):
                is_beyond = position is None or (_position(each) < position) == before
                if is_beyond and _position(each) != position:
                    kept.append(each)
        return sorted(kept, key=_position, reverse=before)[:limit]


def _position(stored: Stored) -> tuple[str, str]:
    return stored.fields.get("rank") or "", stored.path
