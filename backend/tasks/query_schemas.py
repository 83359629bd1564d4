"""Which tasks are asked for, in the query of a list."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate
from webargs.fields import DelimitedList

from backend.tasks.deleting import Below
from backend.tasks.detail_schemas import PriorityName, each_once
from backend.tasks.listing import TASK_LISTS
from backend.tasks.model import Priority, Status
from backend.web.pages import PageArguments
from backend.web.schemas import CamelSchema, Id, Instant, QueryFlag, QueryWhole, frozen

ME = "me"
DUE_AFTER = "Due at this instant or later; RFC 3339 with an offset, its `+` written as `%2B`."
DUE_BEFORE = "Due before this instant, not at it."


def any_of(value: "fields.Field[Any]", most: int, **options: Any) -> DelimitedList:
    """Return the field of one or several values, with commas between, any of which will do."""
    checks = [validate.Length(min=1, max=most), each_once]
    return DelimitedList(value, validate=checks, **options)


def statuses() -> DelimitedList:
    """Return the field of one or several statuses."""
    return any_of(
        fields.Enum(Status, by_value=True),
        len(Status),
        metadata={
            "description": "One status, or several with commas between.",
            "uniqueItems": True,
            "example": ["open", "in_progress"],
        },
    )


def _only_true(is_set: bool) -> None:
    if not is_set:
        raise ValidationError("Say `true`, or leave it out.")


class TaskQuerySchema(PageArguments):
    """Which tasks are asked for. Filters combine with AND."""

    status = statuses()
    priority = any_of(
        PriorityName(),
        len(Priority),
        metadata={
            "description": "One priority, or several with commas between.",
            "uniqueItems": True,
            "example": ["high", "urgent"],
        },
    )
    assignee = Id(
        metadata={"description": "Somebody it is assigned to: a uid, or `me`.", "example": "me"}
    )
    project_id = Id(metadata={"description": "The project it belongs to."})
    board_id = Id(metadata={"description": "The board it is a card of."})
    list_id = Id(metadata={"description": "The list of a board that it stands in."})
    label = Id(metadata={"description": "The id of a label it has."})
    due_after = Instant(
        metadata={
            "description": f"{DUE_AFTER} Sorts by `dueAt`, or by `-dueAt` if you say so.",
            "example": "2026-11-20T00:00:00Z",
        }
    )
    due_before = Instant(
        metadata={
            "description": f"{DUE_BEFORE} Otherwise as `dueAfter`.",
            "example": "2026-11-27T00:00:00Z",
        }
    )
    overdue = QueryFlag(
        validate=_only_true,
        metadata={"description": "`true`: flagged as overdue. Sorts by `dueAt`.", "enum": [True]},
    )
    archived = QueryFlag(
        validate=_only_true,
        metadata={
            "description": (
                "`true`: the archive instead, what went there last first. "
                "Stands alone: no other filter, and no `sort`."
            ),
            "enum": [True],
        },
    )
    deleted = QueryFlag(
        validate=_only_true,
        metadata={
            "description": (
                "`true`: the trash instead, what went there last first. "
                "Stands alone: no other filter, and no `sort`."
            ),
            "enum": [True],
        },
    )
    sort = fields.String(
        validate=validate.OneOf(TASK_LISTS.orders),
        metadata={
            "description": (
                "`-` is descending; ties are broken by id. Without it `-createdAt`, which never "
                "moves, or `dueAt` with a filter on it. Tasks that are never due come first by "
                "`dueAt`, last by `-dueAt`. `rank`, the order that people put them in, needs a "
                "`projectId`, `boardId` or `listId`."
            ),
            "example": "dueAt",
        },
    )
    include_total = QueryFlag(
        load_default=False,
        metadata={
            "description": (
                "Also count the whole list. Refused where several filters have several values "
                "each, or one has beside other filters: that would mean reading all of it."
            )
        },
    )

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return frozen(data)


class OwnTaskQuerySchema(PageArguments):
    """Which of one's own tasks are asked for, across workspaces. Filters combine with AND."""

    assignee = fields.String(
        required=True,
        validate=validate.OneOf([ME]),
        metadata={
            "description": "Always `me`: nobody's work but one's own is shown across workspaces.",
            "example": ME,
        },
    )
    status = statuses()
    due_after = Instant(metadata={"description": DUE_AFTER, "example": "2026-11-20T00:00:00Z"})
    due_before = Instant(metadata={"description": DUE_BEFORE, "example": "2026-11-27T00:00:00Z"})

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return frozen(data)


class DeleteQuerySchema(CamelSchema):
    """What becomes of the subtasks of a task that is deleted."""

    children = fields.Enum(
        Below,
        by_value=True,
        load_default=Below.CASCADE,
        metadata={
            "description": "`cascade`: they go to the trash with it, and come back with it. "
            "`promote`: they go up to the task above it. `refuse`: 409 if there are any.",
            "example": "promote",
        },
    )


class EditQuerySchema(CamelSchema):
    """What an edit says of itself."""

    base_rev = QueryWhole(
        validate=validate.Range(min=1),
        metadata={
            "description": "The revision that was seen by who made the edit, perhaps offline.",
            "example": 3,
        },
    )
