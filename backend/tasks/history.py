"""
The history of a task: who changed what, from which value to which.

The API writes it with the edit itself, so that no value is missed however fast edits follow each
other. What apps write themselves is recorded by the reactor, from the state it saw last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backend.kit.documents import Fields, Put, Stored, reading
from backend.kit.people import PEOPLE, people_in
from backend.tasks.documents import changed_names, task_fields, task_from, task_path
from backend.tasks.model import Recorded, Task, TaskRef

# Bookkeeping of every change, and what follows from other tasks; what a person wants to see in the
# history is the rest.
BOOKKEEPING = frozenset(
    {"rev", "updatedAt", "updatedBy", "createdAt", "createdBy", "recorded", "counters", "movedTo"}
    | {"ancestorIds", "depth", "isBlocked"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """
    `…/tasks/{t}/history/{rev}`: one change, or several that came close together.

    Values are those of documents, by field. `lost` are values that this change replaced although
    its author had not seen them: they can be taken back.
    """

    rev: int
    from_rev: int
    actor_uid: str
    at: datetime
    patch: Mapping[str, Any] = field(hash=False)
    previous: Mapping[str, Any] = field(hash=False)
    lost: Mapping[str, Any] = field(default_factory=dict, hash=False)


def histories_path(ref: TaskRef) -> str:
    """Return the collection of a task's history."""
    return f"{task_path(ref)}/history"


def history_path(ref: TaskRef, rev: int) -> str:
    """Return where the change that made a revision lies."""
    return f"{histories_path(ref)}/{rev}"


def remembering(old: Task, task: Task, *, lost: Fields | None = None) -> Put:
    """Return the write of the history of what lies between two states of a task."""
    before, after = task_fields(old), task_fields(task)
    names = [name for name in changed_names(before, after) if name not in BOOKKEEPING]
    fields = {
        "rev": task.rev,
        "fromRev": old.rev,
        "actorUid": task.updated_by,
        "at": task.updated_at,
        "patch": {name: after[name] for name in names},
        "previous": {name: before[name] for name in names},
        "lost": dict(lost or {}),
        # Whose the revision was that this one follows, for who has not seen it.
        "since": {"at": old.updated_at, "actorUid": old.updated_by},
    }
    return Put(history_path(task.ref, task.rev), {**fields, PEOPLE: people_in(fields)})


def change_of(stored: Stored) -> Change:
    """
    Read a change from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Change(
            rev=fields["rev"],
            from_rev=fields["fromRev"],
            actor_uid=fields["actorUid"],
            at=fields["at"],
            patch=fields["patch"],
            previous=fields["previous"],
            lost=fields.get("lost", {}),
        )


def recorded(old: Task, task: Task) -> Task:
    """Return a changed task that says that its last change is in the history already."""
    mark = old.recorded
    since = mark.since if mark is not None and mark.upto == old.rev else old.rev
    return replace(task, recorded=Recorded(since, task.rev))


def before(task: Task, changes: list[Stored]) -> Task:
    """
    Return a task as it was before these changes of it, documents of its history, the last first.

    Raises:
        DataLoss: one of them is none.
    """
    fields = dict(task_fields(task))
    for stored in changes:
        with reading(stored) as change:
            since = change["since"]
            fields |= {**change["previous"], "rev": change["fromRev"]}
            fields |= {"updatedAt": since["at"], "updatedBy": since["actorUid"]}
    return task_from(task.ref, fields)
