"""Projects, boards, lists and labels in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from backend.boards.model import MAX_NAME, MAX_WIP
from backend.kit.placing import Place
from backend.kit.ranks import MAX_RANK, is_rank
from backend.tasks.schemas import TaskSchema
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, QueryFlag, Text, Whole

COLOR = {
    "description": "A colour as in CSS, or null.",
    "pattern": "^#[0-9a-fA-F]{6}$",
    "example": "#2e7d32",
}
NAME = {"description": "What people call it."}
RANK = {
    "description": "Where it stands among the others: digits and letters, compared as text.",
    "pattern": f"^[0-9A-Za-z]{{1,{MAX_RANK}}}$",
    "example": "V",
}
PROJECT = {"description": "The project it belongs to, or null."}
LIMIT = {"description": "How many open tasks may stand in it; null: any number."}


def _is_rank(text: str) -> None:
    if not is_rank(text):
        raise ValidationError(f"A rank has 1 to {MAX_RANK} digits and letters.")


def rank(**options: Any) -> fields.String:
    """Return the field of a rank."""
    return fields.String(validate=_is_rank, metadata=RANK, **options)


def _color() -> fields.String:
    is_color = validate.Regexp(r"#[0-9a-fA-F]{6}\Z", error="A colour is written like #2e7d32.")
    return fields.String(allow_none=True, validate=is_color, metadata=COLOR)


def _name(**options: Any) -> Text:
    return Text(MAX_NAME, shortest=1, metadata=NAME, **options)


def _limit() -> Whole:
    return Whole(allow_none=True, validate=validate.Range(min=1, max=MAX_WIP), metadata=LIMIT)


class GroupCountersSchema(CamelSchema):
    """Kept by reactions, so they follow a change within moments."""

    open_tasks = fields.Integer()
    done_tasks = fields.Integer()


class _GroupSchema(CamelSchema):
    id = fields.String()
    workspace_id = fields.String()
    name = fields.String()
    rank = fields.String()
    created_at = Instant()
    created_by = fields.String()
    updated_at = Instant()
    updated_by = fields.String()
    rev = fields.Integer()


class _CountedSchema(_GroupSchema):
    archived_at = Instant(allow_none=True)
    counters = fields.Nested(GroupCountersSchema)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return what a field shows. The counters are the group's own, one level down."""
        return obj if attr == "counters" else super().get_attribute(obj, attr, default)


class ProjectChangesSchema(CamelSchema):
    """What may be changed of a project. Leave out what stays."""

    name = _name()
    color = _color()


class NewProjectSchema(ProjectChangesSchema):
    """A new project."""

    name = _name(required=True)
    rank = rank()


class ProjectSchema(_CountedSchema):
    """A project."""

    color = fields.String(allow_none=True)


class BoardChangesSchema(CamelSchema):
    """What may be changed of a board. Leave out what stays."""

    name = _name()
    color = _color()
    project_id = Id(allow_none=True, metadata=PROJECT)


class NewBoardSchema(BoardChangesSchema):
    """A new board."""

    name = _name(required=True)
    rank = rank()


class BoardSchema(_CountedSchema):
    """A board."""

    color = fields.String(allow_none=True)
    project_id = fields.String(allow_none=True)


class ListChangesSchema(CamelSchema):
    """What may be changed of a list. Leave out what stays."""

    name = _name()
    wip_limit = _limit()


class NewListSchema(ListChangesSchema):
    """A new list."""

    name = _name(required=True)
    board_id = Id(required=True, metadata={"description": "The board it stays on."})
    rank = rank()


class ListSchema(_CountedSchema):
    """A list of a board."""

    board_id = fields.String()
    wip_limit = fields.Integer(allow_none=True, metadata=LIMIT)


class LabelChangesSchema(CamelSchema):
    """What may be changed of a label. Leave out what stays."""

    name = _name()
    color = _color()


class NewLabelSchema(LabelChangesSchema):
    """A new label."""

    name = _name(required=True)
    rank = rank()


class LabelSchema(_GroupSchema):
    """A label."""

    color = fields.String(allow_none=True)


class PlaceSchema(CamelSchema):
    """Where something is to stand: at a rank, or beside others. Nothing of it is the end."""

    after = Id(metadata={"description": "The id of what it is to stand right behind."})
    before = Id(
        metadata={
            "description": "The id of what it is to stand right before. With `after`: between."
        }
    )
    rank = rank()

    @validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if "rank" in data and len(data.keys() & {"after", "before"}) > 0:
            raise ValidationError("Say a rank, or what it is to stand beside.", "rank")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return Place(**data)


class ProjectPageSchema(PageSchema):
    """A page of projects."""

    items = fields.List(fields.Nested(ProjectSchema))


class BoardPageSchema(PageSchema):
    """A page of boards."""

    items = fields.List(fields.Nested(BoardSchema))


class ListPageSchema(PageSchema):
    """A page of lists."""

    items = fields.List(fields.Nested(ListSchema))


class LabelPageSchema(PageSchema):
    """A page of labels."""

    items = fields.List(fields.Nested(LabelSchema))


def _only_true(is_set: bool) -> None:
    if not is_set:
        raise ValidationError("Say `true`, or leave it out.")


class ArchiveQuerySchema(PageArguments):
    """Which projects are asked for."""

    archived = QueryFlag(
        validate=_only_true,
        metadata={
            "description": "`true`: the archive instead, what went there last first. Stands alone.",
            "enum": [True],
        },
    )


class BoardQuerySchema(ArchiveQuerySchema):
    """Which boards are asked for."""

    project_id = Id(metadata={"description": "Those of a project."})


class ListQuerySchema(ArchiveQuerySchema):
    """Which lists are asked for."""

    board_id = Id(metadata={"description": "Those of a board."})


class BoardContentsSchema(CamelSchema):
    """A board with all that stands on it."""

    board = fields.Nested(BoardSchema)
    lists = fields.List(fields.Nested(ListSchema))
    tasks = fields.List(fields.Nested(TaskSchema))
    is_whole = fields.Boolean(
        metadata={"description": "False: there is more than 30 lists or 300 tasks."}
    )


class SortedOutSchema(CamelSchema):
    """How far a change of many tasks has come with the answer."""

    tasks = fields.Integer(metadata={"description": "How many tasks have changed by now."})
    operation_id = fields.String(
        allow_none=True,
        metadata={
            "description": "What goes on with the rest, more than 100: `GET /operations/{id}`."
        },
    )
