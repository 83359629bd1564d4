"""Where a task is to go, in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from backend.kit.placing import Place
from backend.kit.ranks import MAX_RANK, is_rank
from backend.tasks.moving import Move
from backend.web.schemas import CamelSchema, Id

BELONGING = ("board_id", "list_id", "project_id", "parent_id")


def _is_rank(text: str) -> None:
    if not is_rank(text):
        raise ValidationError(f"A rank has 1 to {MAX_RANK} digits and letters.")


class MoveSchema(CamelSchema):
    """Where a task is to go. What is left out stays; null takes it out."""

    board_id = Id(allow_none=True, metadata={"description": "The board; its lists are left."})
    list_id = Id(allow_none=True, metadata={"description": "The list, and with it its board."})
    project_id = Id(allow_none=True, metadata={"description": "The project."})
    parent_id = Id(allow_none=True, metadata={"description": "The task it is to be below."})
    after = Id(metadata={"description": "The id of the task it is to stand right behind."})
    before = Id(
        metadata={"description": "The id of the task to stand right before. With `after`: between."}
    )
    rank = fields.String(
        validate=_is_rank,
        metadata={
            "description": "Where it is to stand: digits and letters, compared as text.",
            "pattern": f"^[0-9A-Za-z]{{1,{MAX_RANK}}}$",
        },
    )

    @validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if "rank" in data and data.keys() & {"after", "before"}:
            raise ValidationError("Say a rank, or what it is to stand beside.", "rank")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Move:
        belonging = {name: data.pop(name) for name in BELONGING if name in data}
        return Move(belonging, Place(**data) if data or not belonging else None)


class MoveAnywhereSchema(MoveSchema):
    """Where a task is to go: elsewhere in its workspace, or to another one."""

    workspace_id = Id(metadata={"description": "Another workspace, said alone; `me` is your own."})

    @validates_schema
    def _check_alone(self, data: dict[str, Any], **_: Any) -> None:
        if "workspace_id" in data and len(data) > 1:
            raise ValidationError("Move it there first, and place it then.", "workspaceId")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return data["workspace_id"] if "workspace_id" in data else super()._make(data)
