"""React to a comment: its HTML, the task's count, search, and telling people, each once."""

import hashlib
from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.adapters.firestore import Store
from backend.comments.documents import (
    Seen,
    changing,
    comment_of,
    comment_path,
    ref_of,
    seen_of,
    shadow_path,
    shadowing,
)
from backend.comments.model import Comment, CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Bump, Increment, Remove, Stored, Withdraw, Write
from backend.kit.errors import DataLoss
from backend.kit.ids import derived_id
from backend.reactions.documents import event_path
from backend.reactions.model import Event, EventType, event_id
from backend.reactions.reaction import Reaction
from backend.search import entries
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import Task
from backend.timers.documents import withdrawing
from backend.timers.model import Timer, TimerKind
from backend.timers.service import TimerService

log = structlog.get_logger()

# What was written longer ago is no news: it was imported, moved here, or comes from a time when
# nobody was told of comments.
NEWS = timedelta(days=2)
MOST_TOLD = 200  # People that one comment, edited again and again, can call by mentioning them.


class CommentReactor:
    """
    Turns what was said, on whichever way, into its consequences.

    Its shadow holds what was last reacted to, and guards: of two reactors one loses the race,
    looks again and finds nothing left to do.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def react(self, ref: CommentRef) -> bool:
        """
        Commit what follows from the comment's state; False if nothing was left to do.

        A comment that no one can make sense of is reported and passed over.
        """
        now = self._clock.now()
        paths = [comment_path(ref), shadow_path(ref), task_path(ref.task)]

        def plan() -> tuple[Reaction, list[Write]]:
            reaction = _look(ref, *self._store.get_all(paths), now=now)
            return reaction, reaction.writes

        try:
            reaction = self._store.commit(plan)
        except DataLoss as error:
            log.exception("comment.unreadable", comment_id=ref.comment_id, detail=error.detail)
            return False
        self._timers.announce(reaction.timers, now=now)
        if reaction.writes:
            log.info("comment.followed", comment_id=ref.comment_id, writes=len(reaction.writes))
        return bool(reaction.writes)

    def look(self, stored: Stored) -> bool:
        """As `react`, for whoever has just found the comment."""
        return self.react(ref_of(stored))


def arriving(comment: Comment, reaction: Reaction, now: datetime) -> None:
    """Add what goes with a comment that comes with its task, counted and told, from elsewhere."""
    told = frozenset(comment.mention_ids)
    seen = Seen(is_counted=comment.is_live, is_told=True, told=told)
    seen = _timed(reaction, seen, comment, now)
    reaction.writes.append(shadowing(None, comment.ref, seen))


def forgetting_comment(ref: CommentRef) -> list[Withdraw]:
    """Return what takes away what followed from a comment under names of its own."""
    created = event_id(*ref.task, EventType.COMMENTED, ref.comment_id)
    return [
        Withdraw(shadow_path(ref)),
        Withdraw(event_path(ref.workspace_id, created)),
        withdrawing(_timer_id(ref)),
    ]


def _look(
    ref: CommentRef,
    stored: Stored | None,
    shadow: Stored | None,
    found: Stored | None,
    *,
    now: datetime,
) -> Reaction:
    reaction = Reaction()
    task = task_of(found) if found else None
    seen = seen_of(shadow)
    if stored is None:
        if shadow is not None:
            reaction.writes += [*gone(ref, seen, task), Remove(shadow)]
        return reaction
    written = comment_of(stored)
    comment = written.settled()
    mended = changing(stored, comment)
    if mended.fields:
        reaction.writes.append(mended)
    follow = _counted(reaction, seen, comment, task)
    follow = _told(reaction, follow, comment, task, now)
    follow = _searched(reaction, follow, comment, task)
    follow = _timed(reaction, follow, comment, now)
    if follow != seen or shadow is None:
        reaction.writes.append(shadowing(shadow, ref, follow))
    return reaction


def gone(ref: CommentRef, seen: Seen, task: Task | None) -> list[Write]:
    """Return what follows from a comment's being deleted for good; its shadow has to go, too."""
    writes: list[Write] = [entries.forgetting_comment(ref.task, ref.comment_id)]
    return [*writes, _counting(task, -1)] if seen.is_counted and task else writes


def _counted(reaction: Reaction, seen: Seen, comment: Comment, task: Task | None) -> Seen:
    if task is None or comment.is_live == seen.is_counted:
        return seen
    reaction.writes.append(_counting(task, 1 if comment.is_live else -1))
    return replace(seen, is_counted=comment.is_live)


def _counting(task: Task, by: int) -> Bump:
    return Bump(task_path(task.ref), {"counters": {"comments": Increment(by)}})


def _told(
    reaction: Reaction, seen: Seen, comment: Comment, task: Task | None, now: datetime
) -> Seen:
    if not comment.is_live:
        return seen  # If it is restored, those concerned hear of it then.
    mentioned = {*comment.mention_ids} - {comment.author_uid}
    if task is not None and task.deleted_at is None:
        if calls := _new_calls(seen, mentioned, comment, now):
            reaction.tell(_mentioning(comment, calls), now)
        if not seen.is_told and comment.created_at > now - NEWS:
            reaction.tell(_commenting(comment, _concerned(task) - mentioned), now)
    return replace(seen, is_told=True, told=_all_told(seen, mentioned))


def _new_calls(seen: Seen, mentioned: set[str], comment: Comment, now: datetime) -> Set[str]:
    if comment.updated_at <= now - NEWS:
        return set()
    return _all_told(seen, mentioned) - seen.told


def _all_told(seen: Seen, mentioned: set[str]) -> frozenset[str]:
    new = sorted(mentioned - seen.told)
    return seen.told | {*new[: max(0, MOST_TOLD - len(seen.told))]}


def _concerned(task: Task) -> set[str]:
    return {*task.watcher_ids, *task.assignee_ids, task.created_by}


def _commenting(comment: Comment, audience: Set[str]) -> Event:
    """Return the event of a new comment. There is one for each comment, ever."""
    return _event(EventType.COMMENTED, comment, audience, comment.id)


def _mentioning(comment: Comment, audience: Set[str]) -> Event:
    cause = f"{comment.id}:{comment.rev}"
    return _event(EventType.MENTIONED, comment, audience, cause)


def _event(kind: EventType, comment: Comment, audience: Set[str], cause: str) -> Event:
    return Event(
        type=kind,
        workspace_id=comment.workspace_id,
        task_id=comment.task_id,
        actor_uid=comment.author_uid,
        audience=tuple(sorted(audience - {comment.author_uid})),
        rev=comment.rev,
        at=comment.updated_at,
        cause=cause,
        comment_id=comment.id,
    )


def _searched(reaction: Reaction, seen: Seen, comment: Comment, task: Task | None) -> Seen:
    searched = _digest(comment.body) if comment.is_live and task is not None else ""
    if searched == seen.searched:
        return seen
    if task is None:
        entry: Write = entries.forgetting_comment(comment.ref.task, comment.id)
    else:
        entry = entries.of_comment(
            task,
            comment.id,
            comment.body,
            is_deleted=not comment.is_live,
            updated_at=comment.updated_at,
        )
    reaction.writes.append(entry)
    return replace(seen, searched=searched)


def _timed(reaction: Reaction, seen: Seen, comment: Comment, now: datetime) -> Seen:
    if comment.purge_at == seen.purge_at:
        return seen
    if comment.purge_at is None:
        reaction.writes.append(withdrawing(_timer_id(comment.ref)))
    else:
        names = ("workspaceId", "taskId", "commentId")
        subject = dict(zip(names, comment.ref, strict=True))
        timer = Timer(_timer_id(comment.ref), TimerKind.COMMENT, subject, comment.purge_at)
        reaction.set(timer, now)
    return replace(seen, purge_at=comment.purge_at)


def _timer_id(ref: CommentRef) -> str:
    return derived_id(TimerKind.COMMENT.value, *ref)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
