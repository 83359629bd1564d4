"""What each task of a series starts with, and what lies below it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.kit.errors import InvalidArgument
from backend.tasks.details import ChecklistItem, Reminder, checklist_of, reminders_of
from backend.tasks.model import MAX_DEPTH, Priority

MAX_SUBTASKS = 50
# Of all its words: a series is one document, and Firestore takes a mebibyte.
MAX_TEXT = 150_000
# A task that comes by itself is there for so long before its first reminder: one that has passed
# when the task is made is not told.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SubtaskTemplate:
    """A task below that of each occurrence, with what lies below itself."""

    title: str
    description: str = ""
    priority: Priority = Priority.NONE
    assignee_ids: tuple[str, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    estimate_min: int | None = None
    subtasks: tuple["SubtaskTemplate", ...] = ()


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """
    What each task of a series starts with.

    `reminders` count from each occurrence's own due date or start. What a template names may be
    gone when a task is made from it: then the task does without.

    Raises:
        InvalidArgument: `limit-exceeded` (`/subtasks`); there are more than `MAX_SUBTASKS` below
            it, deeper than tasks may lie, or with more than `MAX_TEXT` bytes of words in all.
    """

    title: str
    description: str
    priority: Priority
    assignee_ids: tuple[str, ...]
    watcher_ids: tuple[str, ...]
    label_ids: tuple[str, ...] = ()
    project_id: str | None = None
    board_id: str | None = None
    list_id: str | None = None
    reminders: tuple[Reminder, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    estimate_min: int | None = None
    subtasks: tuple[SubtaskTemplate, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what one commit or one document would not hold."""
        size = _bytes_of(self)
        for number, (depth, each) in enumerate(self.below(), start=1):
            size += _bytes_of(each)
            if number > MAX_SUBTASKS:
                raise _too_much(f"A recurring task has at most {MAX_SUBTASKS} others below it.")
            if depth > MAX_DEPTH:
                raise _too_much(f"Tasks lie at most {MAX_DEPTH} below each other.")
        if size > MAX_TEXT:
            raise _too_much(f"The words of a recurring task take at most {MAX_TEXT} bytes.")

    def below(self) -> Iterator[tuple[int, SubtaskTemplate]]:
        """Yield all that lies below with its depth, each before what lies below itself."""
        ahead = [(1, each) for each in reversed(self.subtasks)]
        while ahead:
            depth, each = ahead.pop()
            yield depth, each
            ahead += [(depth + 1, inner) for inner in reversed(each.subtasks)]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody it names, each once."""
        below = (uid for _, each in self.below() for uid in each.assignee_ids)
        return tuple(dict.fromkeys((*self.assignee_ids, *self.watcher_ids, *below)))

    @property
    def lead(self) -> timedelta:
        """How long before its own time an occurrence must be there, so that all reminders come."""
        before = [each.minutes_before for each in self.reminders if each.minutes_before is not None]
        return AHEAD + timedelta(minutes=max(before)) if before else timedelta(0)

    def to_fields(self) -> dict[str, Any]:
        """Return the map kept in documents; what lies below as one list, in order, with depths."""
        return {
            **_common_fields(self),
            "watcherIds": list(self.watcher_ids),
            "labelIds": list(self.label_ids),
            "projectId": self.project_id,
            "boardId": self.board_id,
            "listId": self.list_id,
            "reminders": [each.to_fields() for each in self.reminders],
            "subtasks": [{**_common_fields(each), "depth": at} for at, each in self.below()],
        }

    @classmethod
    def from_fields(cls, fields: Any) -> "TaskTemplate":
        """Read the map back; one from before there was more than words and people has no more."""
        return cls(
            **_common(fields),
            watcher_ids=tuple(fields["watcherIds"]),
            label_ids=tuple(fields.get("labelIds", ())),
            project_id=fields.get("projectId"),
            board_id=fields.get("boardId"),
            list_id=fields.get("listId"),
            reminders=reminders_of(fields.get("reminders")),
            subtasks=_nested(fields.get("subtasks", ())),
        )


def _common_fields(template: TaskTemplate | SubtaskTemplate) -> dict[str, Any]:
    return {
        "title": template.title,
        "description": template.description,
        "priority": template.priority.value,
        "assigneeIds": list(template.assignee_ids),
        "checklist": [item.to_fields() for item in template.checklist],
        "estimateMin": template.estimate_min,
    }


def _common(fields: Any) -> dict[str, Any]:
    return {
        "title": fields["title"],
        "description": fields["description"],
        "priority": Priority(fields["priority"]),
        "assignee_ids": tuple(fields["assigneeIds"]),
        "checklist": checklist_of(fields.get("checklist")),
        "estimate_min": fields.get("estimateMin"),
    }


def _nested(listed: Any) -> tuple[SubtaskTemplate, ...]:
    # From the last to the first, so that each finds all below it made: siblings by depth, reversed.
    waiting: dict[int, list[SubtaskTemplate]] = {}
    for fields in reversed(listed):
        depth = fields["depth"]
        inner = tuple(reversed(waiting.pop(depth + 1, [])))
        waiting.setdefault(depth, []).append(SubtaskTemplate(**_common(fields), subtasks=inner))
    return tuple(reversed(waiting.get(1, [])))


def _bytes_of(template: TaskTemplate | SubtaskTemplate) -> int:
    items = "".join(item.text for item in template.checklist)
    return len(f"{template.title}{template.description}{items}".encode())


def _too_much(detail: str) -> InvalidArgument:
    return InvalidArgument(detail, code="limit-exceeded", pointer="/subtasks")
