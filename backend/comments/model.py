"""A comment and what may become of it. Pure: every transition returns a comment, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from backend.comments.markup import html_of
from backend.kit.emoji import emoji_of
from backend.kit.errors import InvalidArgument, Stale
from backend.tasks.model import TaskRef

KEPT_DELETED = timedelta(days=30)
MAX_BODY = 10_000
MAX_MENTIONS = 20
MAX_REACTIONS, MAX_REACTIONS_EACH = 500, 10


class CommentRef(NamedTuple):
    """Where a comment is: its id is unique on its task only."""

    workspace_id: str
    task_id: str
    comment_id: str

    @property
    def task(self) -> TaskRef:
        """The task it is about."""
        return TaskRef(self.workspace_id, self.task_id)


class Reacted(NamedTuple):
    """Somebody put an emoji to a comment."""

    uid: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Comment:
    """
    `workspaces/{w}/tasks/{t}/comments/{c}`.

    `body` is Markdown as somebody typed it, `body_html` what is shown of it: the server's alone,
    and None, or of the body before, until the reactor has `settled` what an app wrote.
    `updated_at` and `updated_by` tell of the last change to what it says; reactions leave them.
    """

    id: str
    workspace_id: str
    task_id: str
    body: str
    body_html: str | None
    mention_ids: tuple[str, ...]
    reactions: tuple[Reacted, ...]
    author_uid: str
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    updated_by: str
    rev: int

    @property
    def ref(self) -> CommentRef:
        """Where this comment is."""
        return CommentRef(self.workspace_id, self.task_id, self.id)

    @property
    def purge_at(self) -> datetime | None:
        """When it goes for good, if it is not restored before; None unless it was deleted."""
        return self.deleted_at + KEPT_DELETED if self.deleted_at else None

    @property
    def is_live(self) -> bool:
        """Whether it was not deleted."""
        return self.deleted_at is None

    def settled(self) -> "Comment":
        """Return it with the HTML that follows from its body."""
        return replace(self, body_html=html_of(self.body))

    def edited(
        self, changes: Mapping[str, Any], *, by: str, at: datetime, expected_rev: int | None = None
    ) -> "Comment":
        """
        Return it with another `body` or other `mention_ids`, or itself if they are the same.

        Raises:
            Stale: it is no longer at `expected_rev`.
        """
        self.expect(expected_rev)
        return self._touched(replace(self, **changes), by=by, at=at)

    def deleted(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Comment":
        """
        Return it deleted, with what it said.

        Raises:
            Stale: it is no longer at `expected_rev`.
        """
        self.expect(expected_rev)
        return self._touched(replace(self, deleted_at=self.deleted_at or at), by=by, at=at)

    def reactions_of(self, uid: str) -> tuple[str, ...]:
        """Return the emojis somebody put to it, in the order they came."""
        return tuple(each.emoji for each in self.reactions if each.uid == uid)

    def reacted(self, uid: str, emoji: str) -> "Comment":
        """
        Return it with somebody's emoji. The same emoji once more changes nothing.

        Raises:
            InvalidArgument: it is no emoji, or they, or all together, have put as many to it as
                may be.
        """
        if emoji_of(emoji) != emoji:
            raise InvalidArgument("This is no emoji.", pointer="/emoji")
        theirs = self.reactions_of(uid)
        if emoji in theirs:
            return self
        if len(theirs) >= MAX_REACTIONS_EACH or len(self.reactions) >= MAX_REACTIONS:
            raise InvalidArgument(
                f"A comment takes {MAX_REACTIONS_EACH} emojis of each person, "
                f"and {MAX_REACTIONS} in all.",
                code="limit-exceeded",
            )
        return self.with_reactions((*self.reactions, Reacted(uid, emoji)))

    def unreacted(self, uid: str, emoji: str) -> "Comment":
        """Return it without somebody's emoji."""
        return self.with_reactions(
            tuple(each for each in self.reactions if each != Reacted(uid, emoji))
        )

    def with_reactions(self, reactions: tuple[Reacted, ...]) -> "Comment":
        """Return it with these reactions, at its next revision; itself if they are the same."""
        if reactions == self.reactions:
            return self
        return replace(self, reactions=reactions, rev=self.rev + 1)

    def expect(self, rev: int | None) -> None:
        """
        Do nothing where it is at this revision, or at any where none is given.

        Raises:
            Stale: it is not.
        """
        if rev is not None and rev != self.rev:
            raise Stale(f"The comment is at revision {self.rev}, not {rev}.", current=self)

    def _touched(self, changed: "Comment", *, by: str, at: datetime) -> "Comment":
        if changed == self:
            return self
        return replace(changed.settled(), updated_at=at, updated_by=by, rev=self.rev + 1)


def new_comment(
    ref: CommentRef, *, body: str, mention_ids: tuple[str, ...], by: str, at: datetime
) -> Comment:
    """Return a comment somebody has just written."""
    return Comment(
        id=ref.comment_id,
        workspace_id=ref.workspace_id,
        task_id=ref.task_id,
        body=body,
        body_html=html_of(body),
        mention_ids=mention_ids,
        reactions=(),
        author_uid=by,
        deleted_at=None,
        created_at=at,
        updated_at=at,
        updated_by=by,
        rev=1,
    )
