"""Whom and what the tasks of a series are to name: that they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from backend.adapters.firestore import Store
from backend.recurrence.template import SubtaskTemplate, TaskTemplate
from backend.tasks.draft import Draft
from backend.tasks.model import Status, Task, TaskRef, new_task
from backend.tasks.references import named, referring

PEOPLE = {"assignee_ids": "/assigneeIds", "watcher_ids": "/watcherIds"}
THINGS = ("project_id", "board_id", "list_id", "label_ids")


def people_named(changes: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """Return the people that fields of a template name, under the pointers of their lists."""
    found: dict[str, Sequence[str]] = {
        pointer: changes[name] for name, pointer in PEOPLE.items() if name in changes
    }
    ahead: list[tuple[str, SubtaskTemplate]] = _numbered("", changes.get("subtasks", ()))
    while ahead:
        pointer, each = ahead.pop()
        if each.assignee_ids:
            found[f"{pointer}/assigneeIds"] = each.assignee_ids
        ahead += _numbered(pointer, each.subtasks)
    return found


def referred(
    store: Store, draft: Draft, old: TaskTemplate | None, new: TaskTemplate
) -> TaskTemplate:
    """
    Return a template whose references have been looked up, those that are others than `old` has.

    Raises:
        InvalidArgument: something is not there, or does not fit together, as for a task.
    """
    wanted = {name: getattr(new, name) for name in THINGS}
    known = {name: getattr(old, name) for name in THINGS} if old else {}
    if wanted == known or not any(wanted.values()):
        return new
    # A draft of its own, for nothing of it is written; done, for it takes no room in a list.
    looking = Draft(store, draft.member, draft.now)
    looking.read(named(draft.workspace_id, wanted))
    before = _like(draft, known) if old else None
    found = referring(looking, before, _like(draft, wanted))
    return replace(new, **{name: getattr(found, name) for name in THINGS})


def _like(draft: Draft, details: Mapping[str, Any]) -> Task:
    ref = TaskRef(draft.workspace_id, "template")
    task = new_task(ref, title="A", by=draft.by, at=draft.now, details=details)
    return replace(task, status=Status.DONE)


def _numbered(
    pointer: str, subtasks: Sequence[SubtaskTemplate]
) -> list[tuple[str, SubtaskTemplate]]:
    return [(f"{pointer}/subtasks/{number}", each) for number, each in enumerate(subtasks)]
