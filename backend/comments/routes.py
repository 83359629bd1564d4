"""`/workspaces/{w}/tasks/{t}/comments`."""

from typing import Any

from backend.comments import examples
from backend.comments.model import Comment, CommentRef
from backend.comments.schemas import (
    CommentChangesSchema,
    CommentPageSchema,
    CommentQuerySchema,
    CommentSchema,
    NewCommentSchema,
)
from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.tasks.answers import ref_of
from backend.undo.model import Done
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import actor, services, workspace_id
from backend.web.pages import LINK_HEADER, asked, linked
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "comments",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/tasks/<task_id>/comments",
    description="Comments on tasks.",
)

COMMENT, COMMENT_PAGE = CommentSchema(), CommentPageSchema()
NEW_COMMENT, COMMENT_CHANGES = NewCommentSchema(), CommentChangesSchema()
COMMENT_QUERY = CommentQuerySchema()

Answer = tuple[Comment, int, dict[str, str]]

blueprint.register_error_handler(Stale, answering_stale(COMMENT))


@blueprint.get("")
@blueprint.arguments(COMMENT_QUERY, location="query")
@blueprint.response(200, COMMENT_PAGE, headers=LINK_HEADER, example=examples.COMMENT_PAGE)
def list_comments(
    query: dict[str, Any], workspace: str, task_id: str
) -> tuple[Page[Comment], int, dict[str, str]]:
    """
    List the comments on a task, the newest first.

    Deleted ones are not among them.
    """
    page = asked(query)
    return linked(services().comments.page(actor(), ref_of(workspace, task_id), page))


@blueprint.post("")
@blueprint.arguments(NEW_COMMENT, example=examples.NEW_COMMENT)
@blueprint.response(201, COMMENT, example=examples.COMMENT)
def write_comment(wanted: dict[str, Any], workspace: str, task_id: str) -> Answer:
    """
    Write a comment.

    For commenters and above. Whom it mentions must belong to the workspace. They are told, and so
    are those who made the task, do it or watch it, within moments; each is told once.
    """
    done = services().comments.write(actor(), ref_of(workspace, task_id), **wanted)
    comment, _, headers = _answered(done)
    tasks = f"/api/v1/workspaces/{comment.workspace_id}/tasks"
    return comment, 201, {"Location": f"{tasks}/{comment.task_id}/comments/{comment.id}", **headers}


@blueprint.get("/<comment_id>")
@blueprint.response(200, COMMENT, example=examples.COMMENT)
def get_comment(workspace: str, task_id: str, comment_id: str) -> Answer:
    """
    Return a comment.

    `ETag` is its revision, which any change counts up, reactions too.
    """
    comment = services().comments.get(actor(), _ref(workspace, task_id, comment_id))
    return comment, 200, revision_tag(comment.rev)


@blueprint.patch("/<comment_id>")
@blueprint.arguments(COMMENT_CHANGES, example=examples.COMMENT_CHANGES)
@blueprint.response(200, COMMENT, example=examples.CHANGED_COMMENT)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_comment(changes: dict[str, Any], workspace: str, task_id: str, comment_id: str) -> Answer:
    """
    Change what your comment says, or whom it mentions.

    Only its author does, while they may comment. Whom it did not mention before is told.
    """
    ref = _ref(workspace, task_id, comment_id)
    return _answered(services().comments.edit(actor(), ref, changes, expected_rev=if_match()))


@blueprint.delete("/<comment_id>")
@blueprint.response(204)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_comment(
    workspace: str, task_id: str, comment_id: str
) -> tuple[None, int, dict[str, str]]:
    """
    Delete a comment: your own, or anybody's if you are an owner or admin.

    It is in no list any more; apps see it with `deletedAt`.
    """
    ref = _ref(workspace, task_id, comment_id)
    done = services().comments.delete(actor(), ref, expected_rev=if_match())
    return None, 204, undo_header(done.undo)


@blueprint.put("/<comment_id>/reactions/<emoji:emoji>")
@blueprint.response(200, COMMENT, example=examples.REACTED_COMMENT)
def react_to_comment(workspace: str, task_id: str, comment_id: str, emoji: str) -> Answer:
    """
    Put an emoji to a comment.

    For commenters and above; up to ten each. The same emoji again changes nothing, and nobody is
    told.
    """
    ref = _ref(workspace, task_id, comment_id)
    return _answered(services().comments.react(actor(), ref, emoji))


@blueprint.delete("/<comment_id>/reactions/<emoji:emoji>")
@blueprint.response(200, COMMENT, example=examples.COMMENT)
def take_back_reaction(workspace: str, task_id: str, comment_id: str, emoji: str) -> Answer:
    """
    Take your emoji off a comment.

    Where there is none of yours, nothing changes.
    """
    ref = _ref(workspace, task_id, comment_id)
    return _answered(services().comments.unreact(actor(), ref, emoji))


def _ref(workspace: str, task_id: str, comment_id: str) -> CommentRef:
    return CommentRef(workspace_id(workspace), task_id, comment_id)


def _answered(done: Done[Comment]) -> Answer:
    headers = {**revision_tag(done.value.rev), **undo_header(done.undo)}
    return done.value, 200, headers
