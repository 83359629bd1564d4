"""The people that a task names, or what is set of it: they must belong to its workspace."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.tasks.details import reminded
from backend.tasks.model import Task

LISTS = {"assignee_ids": "/assigneeIds", "watcher_ids": "/watcherIds"}


def people_named(changes: Mapping[str, Any]) -> dict[str, Sequence[str | None]]:
    """
    Return the uids in `changes` of a task, under the JSON pointers of the lists they stand in.

    An entry that is for nobody alone, as most reminders, is None there.
    """
    named: dict[str, Sequence[str | None]] = {
        pointer: changes.get(name, ()) for name, pointer in LISTS.items()
    }
    return {**named, "/reminders": [each.uid for each in changes.get("reminders", ())]}


def people_on(task: Task) -> list[str]:
    """Return who does a task, watches it, or has a reminder of their own on it, each once."""
    everybody = (*task.assignee_ids, *task.watcher_ids, *reminded(task.reminders))
    return [*dict.fromkeys(everybody)]
