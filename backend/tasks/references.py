"""What a task refers to: that it is there, and that it fits together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.kit.errors import Fault, InvalidArgument
from backend.kit.ids import is_id
from backend.tasks import crowding, dependencies, trees
from backend.tasks.draft import Draft
from backend.tasks.model import Task

ONE = {
    "project_id": ("projects", "/projectId"),
    "board_id": ("boards", "/boardId"),
    "list_id": ("lists", "/listId"),
    "parent_id": ("tasks", "/parentId"),
}
MANY = {"label_ids": ("labels", "/labelIds"), "blocked_by": ("tasks", "/blockedBy")}


def place_path(workspace_id: str, collection: str, thing_id: str) -> str:
    """Return where something of a workspace lies that tasks refer to."""
    return f"workspaces/{workspace_id}/{collection}/{thing_id}"


def named(workspace_id: str, changes: Mapping[str, Any]) -> list[str]:
    """Return the paths of what `changes`, as of `Task.edited`, refer to."""
    one = [(ONE[name][0], changes[name]) for name in ONE if changes.get(name) is not None]
    many = [(MANY[name][0], each) for name in MANY for each in changes.get(name, ())]
    return [place_path(workspace_id, kind, each) for kind, each in (*one, *many) if is_id(each)]


def referring(draft: Draft, old: Task | None, task: Task) -> Task:
    """
    Return a task whose references have been looked up, those that are others than `old` has.

    A list answers for its board: whoever names the list alone gets its board, and whoever names
    another board leaves the list behind.

    Raises:
        InvalidArgument: something is not there (`unknown-reference`), or does not fit together, as
            `trees.place` and `dependencies.waiting` say.
        FailedPrecondition: it is to be done, and waits for a task that is not.
    """
    task = _on_board(draft, old, task)
    faults = [*_missing_one(draft, old, task), *_missing_many(draft, old, task)]
    if faults:
        raise InvalidArgument("What a task refers to must be there.", faults=tuple(faults))
    task = crowding.entering(draft, old, task)
    return dependencies.waiting(draft, old, trees.placed(draft, old, task))


def _on_board(draft: Draft, old: Task | None, task: Task) -> Task:
    has_other_list = task.list_id != (old.list_id if old else None)
    has_other_board = task.board_id != (old.board_id if old else None)
    if not (has_other_list or has_other_board) or task.list_id is None:
        return task
    if not has_other_list:
        return replace(task, list_id=None)
    stored = draft.document(place_path(draft.workspace_id, "lists", task.list_id))
    if stored is None:
        return task  # Reported with the rest.
    board_id = stored.fields.get("boardId")
    if has_other_board and task.board_id != board_id:
        fault = Fault("/listId", "unknown-reference", "The list belongs to another board.")
        raise InvalidArgument("What a task refers to must fit together.", faults=(fault,))
    return replace(task, board_id=board_id)


def _missing_one(draft: Draft, old: Task | None, task: Task) -> list[Fault]:
    faults = []
    has_other_list = task.list_id != (old.list_id if old else None)
    for name, (collection, pointer) in ONE.items():
        thing_id = getattr(task, name)
        if name == "board_id" and has_other_list and task.list_id is not None:
            continue  # The list answers for it.
        if thing_id is not None and thing_id != (getattr(old, name) if old else None):
            faults += _absent(draft, collection, thing_id, pointer)
    return faults


def _missing_many(draft: Draft, old: Task | None, task: Task) -> list[Fault]:
    faults = []
    for name, (collection, pointer) in MANY.items():
        known = getattr(old, name) if old else ()
        for index, thing_id in enumerate(getattr(task, name)):
            if thing_id not in known:
                faults += _absent(draft, collection, thing_id, f"{pointer}/{index}")
    return faults


def _absent(draft: Draft, collection: str, thing_id: str, pointer: str) -> list[Fault]:
    if _is_there(draft, collection, thing_id):
        return []
    return [Fault(pointer, "unknown-reference", "There is no such thing in this workspace.")]


def _is_there(draft: Draft, collection: str, thing_id: str) -> bool:
    if collection == "tasks":  # As it will be: the same draft may make it, or throw it away.
        task = draft.find(thing_id)
        return task is not None and task.deleted_at is None
    stored = draft.document(place_path(draft.workspace_id, collection, thing_id))
    return stored is not None and stored.fields.get("deletedAt") is None
