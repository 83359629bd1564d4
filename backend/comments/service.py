"""What people say about tasks. What follows from it is the reactor's business."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.comments.documents import changing, comment_of, comment_path, creating
from backend.comments.model import Comment, CommentRef, new_comment
from backend.comments.repository import Comments
from backend.comments.undoing import touched
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.errors import PermissionDenied
from backend.kit.ids import checked, random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.model import TaskRef
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class CommentService:
    """
    Comments on tasks of the workspaces the caller belongs to.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do. `expected_rev` is the revision the caller believes to change: Stale
    if it is another by now. Aborted: others kept changing the comment at the same time. What
    changes something returns it with the token that takes it back.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._offers = offers
        self._comments = Comments(store, tokens)

    def page(self, actor: Actor, task: TaskRef, asked: Asked) -> Page[Comment]:
        """
        Return a page of the comments on a task, the newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self._workspaces.admit(actor, task.workspace_id, to=Right.READ_COMMENTS)
        return self._comments.page(task.task_id, asked=asked, seen_by=member)

    def get(self, actor: Actor, ref: CommentRef) -> Comment:
        """Return a comment, with the HTML of what it says now."""
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.READ_COMMENTS)
        return self._comments.get(ref.task_id, ref.comment_id, seen_by=member).settled()

    def write(
        self, actor: Actor, task: TaskRef, *, body: str, mention_ids: tuple[str, ...]
    ) -> Done[Comment]:
        """
        Write a comment on a task.

        Raises:
            InvalidArgument: somebody mentioned does not belong to the workspace.
        """
        now = self._clock.now()
        member = self._admit(actor, task.workspace_id, mention_ids, to=Right.CREATE_COMMENT)
        ref = CommentRef(member.workspace_id, checked(task.task_id), random_id())
        comment = new_comment(ref, body=body, mention_ids=mention_ids, by=actor.uid, at=now)
        creation = Touched.created(comment_path(ref))
        offered = self._offers.offer(actor, [creation], now=now)
        is_retry = False

        def plan() -> tuple[Done[Comment], list[Write]]:
            nonlocal is_retry
            taken = self._comments.place_for(ref, is_retry=is_retry)
            is_retry = True
            done = Done(comment, offered.token)
            # The id is ours alone: what lies there is what our commit of lost answer put there.
            return done, [] if taken else [creating(comment), *offered.writes]

        done = self._store.commit(plan)
        self._tell("comment.created", comment)
        return done

    def edit(
        self,
        actor: Actor,
        ref: CommentRef,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
    ) -> Done[Comment]:
        """
        Change what a comment says, or whom it mentions. Only its author does.

        Raises:
            InvalidArgument: somebody mentioned does not belong to the workspace.
        """
        mentioned = changes.get("mention_ids", ())
        member = self._admit(actor, ref.workspace_id, mentioned, to=Right.CHANGE_COMMENT)

        def turned(comment: Comment, now: datetime) -> Comment:
            if comment.author_uid != actor.uid:
                raise PermissionDenied("Only its author changes a comment.")
            return comment.edited(changes, by=actor.uid, at=now, expected_rev=expected_rev)

        return self._change(actor, member, ref, turned, "comment.edited")

    def delete(
        self, actor: Actor, ref: CommentRef, *, expected_rev: int | None = None
    ) -> Done[Comment]:
        """Delete a comment: one's own, or as an owner or admin that of anybody."""
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.CHANGE_COMMENT)

        def turned(comment: Comment, now: datetime) -> Comment:
            if comment.author_uid != actor.uid and not member.may(Right.MODERATE_COMMENTS):
                raise PermissionDenied("Only its author, an owner or an admin deletes a comment.")
            return comment.deleted(by=actor.uid, at=now, expected_rev=expected_rev)

        return self._change(actor, member, ref, turned, "comment.deleted")

    def react(self, actor: Actor, ref: CommentRef, emoji: str) -> Done[Comment]:
        """
        Put an emoji to a comment. The same one again changes nothing.

        Raises:
            InvalidArgument: there are too many already, code `limit-exceeded`.
        """
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.REACT_TO_COMMENT)
        return self._change(
            actor, member, ref, lambda it, _: it.reacted(actor.uid, emoji), "comment.reacted"
        )

    def unreact(self, actor: Actor, ref: CommentRef, emoji: str) -> Done[Comment]:
        """Take an emoji of one's own off a comment. Where there is none, nothing changes."""
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.REACT_TO_COMMENT)
        return self._change(
            actor, member, ref, lambda it, _: it.unreacted(actor.uid, emoji), "comment.unreacted"
        )

    def _admit(
        self, actor: Actor, workspace_id: str, mentioned: tuple[str, ...], *, to: Right
    ) -> Member:
        named = {"/mentionIds": mentioned}
        return self._workspaces.admit_naming(actor, workspace_id, named, to=to)

    def _change(
        self,
        actor: Actor,
        member: Member,
        ref: CommentRef,
        turned: Callable[[Comment, datetime], Comment],
        done: str,
    ) -> Done[Comment]:
        now = self._clock.now()
        tried: Done[Comment] | None = None

        def plan() -> tuple[Done[Comment], list[Write]]:
            nonlocal tried
            if tried is not None and self._is_stored(tried.value):
                return tried, []  # Our own commit took place; only its answer was lost.
            stored, comment = self._comments.to_change(ref.task_id, ref.comment_id, seen_by=member)
            changed = turned(comment, now)
            if changed is comment:
                return Done(comment, None), []
            offered = self._offers.offer(actor, [touched(stored, comment, changed)], now=now)
            tried = Done(changed, offered.token)
            return tried, [changing(stored, changed), *offered.writes]

        result = self._store.commit(plan)
        if result.undo is not None:
            self._tell(done, result.value)
        return result

    def _is_stored(self, comment: Comment) -> bool:
        stored = self._store.get(comment_path(comment.ref))
        return stored is not None and comment_of(stored) == comment

    def _tell(self, done: str, comment: Comment) -> None:
        ids = {"task_id": comment.task_id, "comment_id": comment.id, "rev": comment.rev}
        self._store.afterwards(lambda: log.info(done, **ids))
