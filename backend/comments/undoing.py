"""Taking back what was done to comments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from backend.adapters.firestore import Store
from backend.comments.documents import (
    changing,
    comment_fields,
    comment_of,
)
from backend.comments.model import Comment, Reacted
from backend.kit.actor import Actor
from backend.kit.documents import Create, Stored, Write
from backend.kit.errors import PermissionDenied
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

# What people decide about a comment. The rest follows, or is bookkeeping.
DECIDED = {"body": "body", "mentionIds": "mention_ids", "deletedAt": "deleted_at"}
REACTIONS = "reactions"


def touched(stored: Stored, before: Comment, after: Comment) -> Touched:
    """
    Return what a command leaves that turned one into the other.

    Of the reactions it tells those of the person who acted, since others go on reacting.
    """
    fields = comment_fields(after)
    changes = {name: fields[name] for name in DECIDED}
    left = Touched.changed(stored, {**changes, "rev": after.rev})
    if after.reactions == before.reactions:
        return left
    (uid,) = {each.uid for each in {*after.reactions} ^ {*before.reactions}}
    theirs = list(before.reactions_of(uid)), list(after.reactions_of(uid))
    return replace(
        left,
        before={**left.before, REACTIONS: theirs[0]},
        after={**left.after, REACTIONS: digest(theirs[1])},
    )


class CommentReverter:
    """Puts comments back as they were before a command, where they are still as it left them."""

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts these comments of a workspace back.

        A comment that was written is deleted, as its author would: it can still be restored.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.CHANGE_COMMENT)
        found = self._store.get_all([each.path for each in touched])
        reverted = Reverted()
        for each, stored in zip(touched, found, strict=True):
            back = _back(member, each, stored, now)
            (reverted.kept if back is None else reverted.undone).append(each.path)
            if back is not None and back.write is not None:
                reverted.writes.append(back.write)
                reverted.touched.append(back.touched)
        return reverted


class Back(NamedTuple):
    """What puts a comment back, and what takes that back; no write: it is back already."""

    write: Write | None
    touched: Touched


def _back(member: Member, each: Touched, stored: Stored | None, now: datetime) -> Back | None:
    match each.kind, stored:
        case Kind.REMOVED, None:
            _check(member, each.before["authorUid"], to=Right.CHANGE_TASK)
            return Back(Create(each.path, each.before), Touched.created(each.path, each.rev))
        case Kind.REMOVED, Stored() if stored.fields.get("rev") == each.rev:
            return Back(None, each)
        case Kind.CREATED, None:
            return Back(None, each)
        case Kind.CREATED, Stored():
            return _taken_away(member, each, stored, now)
        case Kind.CHANGED, Stored():
            return _changed_back(member, each, stored, now)
    return None


def _taken_away(member: Member, each: Touched, stored: Stored, now: datetime) -> Back | None:
    comment = comment_of(stored)
    if not comment.is_live:
        return Back(None, each)
    if comment.rev != each.rev:
        return None
    _check(member, comment.author_uid, to=Right.CHANGE_TASK)
    return _written(stored, comment, comment.deleted(by=member.uid, at=now), each)


def _changed_back(member: Member, each: Touched, stored: Stored, now: datetime) -> Back | None:
    comment = comment_of(stored)
    theirs = list(comment.reactions_of(member.uid))
    present = {**comment_fields(comment), REACTIONS: theirs}
    wanted = [name for name in (*DECIDED, REACTIONS) if name in each.before]
    left = [name for name in wanted if digest(present[name]) == each.after[name]]
    if not left:
        is_back = all(present[name] == each.before[name] for name in wanted)
        return Back(None, each) if is_back else None
    before = {DECIDED[name]: _value(each.before[name]) for name in left if name in DECIDED}
    if before:
        is_deletion = before.keys() == {"deleted_at"}
        right = Right.MODERATE_COMMENTS if is_deletion else None
        _check(member, comment.author_uid, to=right)
    changed = comment.edited(before, by=member.uid, at=now)
    if REACTIONS in left:
        changed = _reacting(changed, member.uid, each.before)
    return _written(stored, comment, changed, each)


def _written(stored: Stored, comment: Comment, changed: Comment, each: Touched) -> Back:
    if changed is comment:
        return Back(None, each)
    return Back(changing(stored, changed), touched(stored, comment, changed))


def _reacting(comment: Comment, uid: str, before: Mapping[str, Any]) -> Comment:
    others = tuple(each for each in comment.reactions if each.uid != uid)
    return comment.with_reactions((*others, *(Reacted(uid, emoji) for emoji in before[REACTIONS])))


def _check(member: Member, author_uid: str, *, to: Right | None) -> None:
    """Refuse what only the author may do, or who has a right to it as well."""
    if author_uid != member.uid and (to is None or not member.may(to)):
        raise PermissionDenied("Your role in this workspace does not allow this any more.")


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
