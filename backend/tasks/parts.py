"""People, labels and blockers, put on a task and taken off it one at a time."""

from dataclasses import dataclass

from backend.kit.actor import Actor
from backend.kit.errors import InvalidArgument
from backend.kit.ids import checked
from backend.tasks import acts
from backend.tasks.desk import NOBODY, Desk
from backend.tasks.draft import Draft
from backend.tasks.model import (
    MAX_ASSIGNEES,
    MAX_BLOCKERS,
    MAX_LABELS,
    MAX_WATCHERS,
    Task,
    TaskRef,
)
from backend.tasks.references import named
from backend.undo.model import Done
from backend.workspaces.permissions import Right


@dataclass(frozen=True, slots=True)
class Part:
    """A list of a task: its field, where it stands in JSON, and how long it may be."""

    field: str
    pointer: str
    most: int
    is_people: bool = True


ASSIGNEES = Part("assignee_ids", "/assigneeIds", MAX_ASSIGNEES)
WATCHERS = Part("watcher_ids", "/watcherIds", MAX_WATCHERS)
LABELS = Part("label_ids", "/labelIds", MAX_LABELS, is_people=False)
BLOCKERS = Part("blocked_by", "/blockedBy", MAX_BLOCKERS, is_people=False)


class Parts:
    """
    Changes one entry of a list, whatever else stands in it: two people may do so at once.

    Both methods raise NotFound for what the caller may not see, PermissionDenied for what they see
    but may not do, and Stale: the task is no longer at `expected_rev`.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def put(
        self, actor: Actor, ref: TaskRef, part: Part, name: str, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """
        Add a person or a label; one that is there already stays.

        Raises:
            InvalidArgument: the person is no member, there is no such label, or the list is full
                (`limit-exceeded`).
        """
        name = checked(name)

        def act(draft: Draft) -> Task:
            listed: tuple[str, ...] = getattr(draft.task(ref.task_id), part.field)
            if name not in listed and len(listed) >= part.most:
                raise InvalidArgument(
                    f"A task has {part.most} of these at most.",
                    code="limit-exceeded",
                    pointer=part.pointer,
                )
            # In the order they were put there.
            changes = {part.field: tuple(dict.fromkeys((*listed, name)))}
            return acts.edit(draft, ref.task_id, changes, expected_rev=expected_rev)

        return self._desk.change(
            actor,
            ref,
            act,
            to=Right.CHANGE_TASK,
            naming={part.pointer: [name]} if part.is_people else NOBODY,
            reading=[] if part.is_people else named(ref.workspace_id, {part.field: (name,)}),
            done="task.edited",
        )

    def take(
        self, actor: Actor, ref: TaskRef, part: Part, name: str, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """Take a person or a label off. Where they do not stand, nothing changes."""
        name = checked(name)

        def act(draft: Draft) -> Task:
            listed: tuple[str, ...] = getattr(draft.task(ref.task_id), part.field)
            changes = {part.field: tuple(each for each in listed if each != name)}
            return acts.edit(draft, ref.task_id, changes, expected_rev=expected_rev)

        return self._desk.change(actor, ref, act, to=Right.CHANGE_TASK, done="task.edited")
