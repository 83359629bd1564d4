"""Comments, and what was last reacted to of them, as documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.comments.model import Comment, CommentRef, Reacted
from backend.kit.documents import Change, Create, Fields, Stored, Write, reading
from backend.kit.ids import derived_id
from backend.kit.people import PEOPLE, people_in
from backend.tasks.documents import changed_names, task_path
from backend.tasks.model import TaskRef


def comments_path(task: TaskRef) -> str:
    """Return the collection of a task's comments."""
    return f"{task_path(task)}/comments"


def comment_path(ref: CommentRef) -> str:
    """Return where a comment lies."""
    return f"{comments_path(ref.task)}/{ref.comment_id}"


def ref_of(stored: Stored) -> CommentRef:
    """Return which comment a document is."""
    _, workspace_id, _, task_id, _, comment_id = stored.path.split("/")
    return CommentRef(workspace_id, task_id, comment_id)


def comment_fields(comment: Comment) -> Fields:
    """Return the document of a comment. `reactedBy` repeats who reacted, so that it is found."""
    return {
        "body": comment.body,
        "bodyHtml": comment.body_html,
        "mentionIds": list(comment.mention_ids),
        "reactions": [each._asdict() for each in comment.reactions],
        "reactedBy": sorted({each.uid for each in comment.reactions}),
        "authorUid": comment.author_uid,
        "deletedAt": comment.deleted_at,
        "createdAt": comment.created_at,
        "updatedAt": comment.updated_at,
        "updatedBy": comment.updated_by,
        "rev": comment.rev,
    }


def comment_of(stored: Stored) -> Comment:
    """
    Read a comment from its document, which the app may have written itself under the rules.

    Raises:
        DataLoss: it is none.
    """
    ref = ref_of(stored)
    with reading(stored) as fields:
        return Comment(
            id=ref.comment_id,
            workspace_id=ref.workspace_id,
            task_id=ref.task_id,
            body=_text(fields["body"]),
            body_html=fields.get("bodyHtml"),
            mention_ids=tuple(dict.fromkeys(fields["mentionIds"])),
            reactions=tuple(map(_reacted, fields.get("reactions", ()))),
            author_uid=fields["authorUid"],
            deleted_at=fields["deletedAt"],
            created_at=fields["createdAt"],
            updated_at=fields["updatedAt"],
            updated_by=fields.get("updatedBy", fields["authorUid"]),
            rev=fields["rev"],
        )


def live_comment(stored: Stored | None = None) -> Comment | None:
    """Return the comment of a document; None if there is none, or it was deleted."""
    comment = comment_of(stored) if stored else None
    return comment if comment and comment.is_live else None


def creating(comment: Comment) -> Create:
    """Return the write of a new comment."""
    return Create(comment_path(comment.ref), comment_fields(comment))


def changing(stored: Stored, comment: Comment) -> Change:
    """Return the write of what differs between a comment and what was stored of it."""
    fields = comment_fields(comment)
    return Change(stored, {name: fields[name] for name in changed_names(stored.fields, fields)})


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What was last reacted to of a comment.

    `is_counted`: the task counts it. `is_told`: those concerned have heard of it, and `told` are
    the people who have been told that it mentions them, ever. `searched` stands for the text that
    search finds it by; empty where it finds none. `purge_at` is what its timer is set to.
    """

    is_counted: bool = False
    is_told: bool = False
    told: frozenset[str] = field(default_factory=frozenset)
    searched: str = ""
    purge_at: datetime | None = None


def shadow_path(ref: CommentRef) -> str:
    """Return where it is kept what was last reacted to of a comment."""
    return f"shadows/{derived_id('comment', *ref)}"


def shadow_fields(ref: CommentRef, seen: Seen) -> Fields:
    """Return the document of what was last reacted to."""
    fields = {
        "workspaceId": ref.workspace_id,
        "taskId": ref.task_id,
        "commentId": ref.comment_id,
        "isCounted": seen.is_counted,
        "isTold": seen.is_told,
        "told": {"mentionIds": sorted(seen.told)},
        "searched": seen.searched,
        "purgeAt": seen.purge_at,
    }
    return {**fields, PEOPLE: people_in(fields)}


def seen_of(shadow: Stored | None) -> Seen:
    """
    Return what was last reacted to; nothing, where there is no shadow.

    Raises:
        DataLoss: the shadow cannot be read.
    """
    if shadow is None:
        return Seen()
    with reading(shadow) as fields:
        return Seen(
            is_counted=fields["isCounted"],
            is_told=fields["isTold"],
            told=frozenset(fields["told"]["mentionIds"]),
            searched=fields["searched"],
            purge_at=fields["purgeAt"],
        )


def shadowing(shadow: Stored | None, ref: CommentRef, seen: Seen) -> Write:
    """Return the write that keeps what was reacted to: the guard of its commit."""
    if shadow is None:
        return Create(shadow_path(ref), shadow_fields(ref, seen))
    return Change(shadow, shadow_fields(ref, seen))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _reacted(value: Mapping[str, Any]) -> Reacted:
    return Reacted(value["uid"], value["emoji"])
