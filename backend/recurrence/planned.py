"""What somebody has changed of an occurrence that has no task yet, as the ledger keeps it."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.tasks.details import checklist_of, reminders_of
from backend.tasks.due import Due
from backend.tasks.model import Priority

Maker = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _maps(values: Any) -> list[Any]:
    return [each.to_fields() for each in values]


# By field of `Task.edited`: its name in documents, the way there and the way back.
FIELDS: Mapping[str, tuple[str, Maker, Maker]] = {
    "title": ("title", _same, _same),
    "description": ("description", _same, _same),
    "priority": ("priority", lambda priority: priority.value, Priority),
    "assignee_ids": ("assigneeIds", list, tuple),
    "watcher_ids": ("watcherIds", list, tuple),
    "label_ids": ("labelIds", list, tuple),
    "project_id": ("projectId", _same, _same),
    "board_id": ("boardId", _same, _same),
    "list_id": ("listId", _same, _same),
    "reminders": ("reminders", _maps, reminders_of),
    "checklist": ("checklist", _maps, checklist_of),
    "estimate_min": ("estimateMin", _same, _same),
    "due": ("due", lambda due: due.to_fields(), Due.from_fields),
}


def changes_fields(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the map kept in the ledger of changes as of `Task.edited`."""
    written = {}
    for name, value in changes.items():
        known_as, to_fields, _ = FIELDS[name]
        written[known_as] = to_fields(value)
    return written


def changes_of(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Read the map back: the changes that make the occurrence's task of its template's.

    Raises:
        InvalidArgument: its due date is none.
    """
    found = {}
    for name, (known_as, _, of_fields) in FIELDS.items():
        if known_as in (fields or {}):
            found[name] = of_fields((fields or {})[known_as])
    return found
