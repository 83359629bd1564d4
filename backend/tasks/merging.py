"""
An edit made on an older state of a task, such as by somebody who was offline.

It takes effect on the fields it touches, and on no others. Where somebody has changed the same
field since, the newer edit holds, and the value it replaced stays in the history as `lost`, from
where it can be taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.kit.documents import Fields
from backend.kit.errors import InvalidArgument
from backend.tasks.documents import changed_names, task_fields
from backend.tasks.due import Due, DuePatch
from backend.tasks.history import BOOKKEEPING, Change
from backend.tasks.model import Task


@dataclass(frozen=True, slots=True)
class Since:
    """
    What others did to a task since a revision: the fields, with the values they had then.

    `is_known` is False where the history has a gap, as before the reactor has looked.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    is_known: bool = True

    def touches(self, name: str) -> bool:
        """Say whether somebody may have changed a field."""
        return not self.is_known or name in self.values


def since(base_rev: int, task: Task, changes: Sequence[Change]) -> Since:
    """
    Return what became of a task since a revision, from its history after it, oldest first.

    Raises:
        InvalidArgument: the task has never been at that revision.
    """
    if base_rev > task.rev:
        raise InvalidArgument(
            f"The task is at revision {task.rev}, and has never been at {base_rev}.",
            pointer="/baseRev",
        )
    values: dict[str, Any] = {}
    known_until = base_rev
    for change in changes:
        if change.from_rev <= known_until:
            known_until = max(known_until, change.rev)
        values = {**change.previous, **values}
    return Since(values, is_known=known_until >= task.rev)


def based(changes: Mapping[str, Any], then: Since) -> Mapping[str, Any]:
    """Return changes that say in full what they meant, where they were a patch of a value."""
    patch = changes.get("due")
    if not isinstance(patch, DuePatch) or "due" not in then.values:
        return changes
    # Half of this edit and half of another's would be a date that nobody chose.
    had = then.values["due"]
    return {**changes, "due": patch.applied_to(Due.from_fields(had) if had else None)}


def lost(old: Task, task: Task, then: Since) -> Fields:
    """Return the values of others that an edit replaces although its author had not seen them."""
    before, after = task_fields(old), task_fields(task)
    names = [name for name in changed_names(before, after) if name not in BOOKKEEPING]
    return {name: before[name] for name in names if then.touches(name)}
