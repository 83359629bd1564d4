"""What a task was like before a change of it, and which of that can be had back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from backend.kit.documents import Fields
from backend.tasks.documents import task_fields, task_from
from backend.tasks.history import BOOKKEEPING, Change
from backend.tasks.model import Task
from backend.undo.model import Touched, digest

PEOPLE = ("assigneeIds", "watcherIds")
# What changes along with a field, and goes back with it.
FOLLOWING = {
    "due": ("dueAt", "dueDay"),
    "status": ("completedAt", "completedBy"),
    "deletedAt": ("expireAt",),
}
# What follows from other fields and documents: whoever puts those back sees to it.
DERIVED = frozenset(
    {
        *(name for names in FOLLOWING.values() for name in names),
        "ancestorIds",
        "depth",
        "isBlocked",
        "isOverdue",
    }
)


@dataclass(frozen=True, slots=True)
class Former:
    """The values that a change replaced, and the digests of those it made of them, by field."""

    previous: Fields
    made: Mapping[str, str]

    @classmethod
    def recorded(cls, change: Change) -> Self:
        """Return what an entry of the history knows."""
        return cls(change.previous, {name: digest(value) for name, value in change.patch.items()})

    @classmethod
    def told(cls, touched: Touched) -> Self:
        """Return what a command told of a change that it did not record."""
        return cls(touched.before, touched.after)

    def names(self) -> list[str]:
        """Return the fields that were changed for their own sake."""
        return [name for name in self.previous if name not in DERIVED and name not in BOOKKEEPING]

    def is_left(self, fields: Fields, name: str) -> bool:
        """Whether a field is still as the change left it."""
        return digest(fields.get(name)) == self.made.get(name)

    def is_back(self, task: Task) -> bool:
        """Whether any of what was changed is as it was before."""
        fields = task_fields(task)
        return any(fields.get(name) == self.previous[name] for name in self.names())


def former(task: Task, known: Former, present: set[str]) -> dict[str, Any]:
    """
    Return the former values that a task can have back, by field of its document.

    Of people, those who are `present`; of fields, those that nobody has changed since.
    """
    fields = task_fields(task)
    wanted: dict[str, Any] = {}
    for name in known.names():
        value = known.previous[name]
        if name in PEOPLE:
            value = [uid for uid in value or () if uid in present]
        if known.is_left(fields, name) and fields.get(name) != value:
            wanted[name] = value
            wanted |= {
                other: known.previous[other]
                for other in FOLLOWING.get(name, ())
                if other in known.previous
            }
    if wanted and known.previous.get("isOverdue") is True:
        wanted["isOverdue"] = True  # As long as that is what it is.
    return wanted


def taken_back(task: Task, wanted: Mapping[str, Any], *, by: str, at: datetime) -> Task:
    """Return a task with former values, as a change of `by`; itself if it has them already."""
    kept = {name: value for name, value in wanted.items() if _is_led(name, wanted)}
    back = task_from(task.ref, {**task_fields(task), **kept}).settled(at)
    if back == task:
        return task
    return replace(back, rev=task.rev + 1, updated_at=at, updated_by=by)


def _is_led(name: str, wanted: Mapping[str, Any]) -> bool:
    leaders = [leader for leader, names in FOLLOWING.items() if name in names]
    return not leaders or leaders[0] in wanted
