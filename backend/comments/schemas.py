"""Comments in JSON."""

from typing import Any

from marshmallow import fields, post_load

from backend.comments.model import MAX_BODY, MAX_MENTIONS
from backend.tasks.detail_schemas import people
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Instant, QueryFlag, Text, frozen

BODY = {"description": "Markdown: emphasis, links, lists, quotations, code. Tags show as typed."}
MENTIONED = {"description": "The uids of those it mentions: members of the workspace."}


class CommentChangesSchema(CamelSchema):
    """What may be changed of a comment. Leave out what stays."""

    body = Text(MAX_BODY, shortest=1, lines=True, metadata=BODY)
    mention_ids = people(MAX_MENTIONS, metadata=MENTIONED)

    @post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return frozen(data)


class NewCommentSchema(CommentChangesSchema):
    """A new comment."""

    body = Text(MAX_BODY, shortest=1, lines=True, required=True, metadata=BODY)
    mention_ids = people(MAX_MENTIONS, load_default=(), metadata=MENTIONED)


class ReactedSchema(CamelSchema):
    """Somebody's emoji."""

    uid = fields.String()
    emoji = fields.String()


class CommentSchema(CamelSchema):
    """A comment on a task."""

    id = fields.String()
    workspace_id = fields.String()
    task_id = fields.String()
    body = fields.String(metadata=BODY)
    body_html = fields.String(
        allow_none=True,
        metadata={
            "description": "`body` as sanitised HTML, which may be shown as it is. In lists it is "
            "null, or of the body before, for the moment after an app has written the comment."
        },
    )
    mention_ids = fields.List(fields.String(), metadata=MENTIONED)
    reactions = fields.List(
        fields.Nested(ReactedSchema),
        metadata={"description": "Who put which emoji to it, in the order they came."},
    )
    author_uid = fields.String()
    created_at = Instant()
    updated_at = Instant(
        metadata={"description": "Its last change; another instant than `createdAt`: edited."}
    )
    updated_by = fields.String()
    rev = fields.Integer()


class CommentPageSchema(PageSchema):
    """A page of comments."""

    items = fields.List(fields.Nested(CommentSchema))
    total_size = fields.Integer(
        metadata={
            "description": "How many there are in all; with `includeTotal` only.",
            "x-optional": True,
        }
    )


class CommentQuerySchema(PageArguments):
    """Which comments are asked for."""

    include_total = QueryFlag(load_default=False, metadata={"description": "Also count them all."})
