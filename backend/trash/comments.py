"""A comment that was deleted 30 days ago goes for good."""

import structlog

from backend.adapters.firestore import Store
from backend.comments.documents import comment_of, comment_path, seen_of, shadow_path
from backend.comments.model import CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.reactions.comments import gone
from backend.tasks.documents import task_of, task_path
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm

log = structlog.get_logger()


class CommentEmptying:
    """Deletes a comment for good, unless somebody has restored it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def fire(self, alarm: Alarm) -> None:
        """Delete it with all that followed from it, in the commit that removes the timer."""
        now = self._clock.now()
        ref = CommentRef(*(alarm.id_of(name) for name in ("workspaceId", "taskId", "commentId")))
        paths = [
            timer_path(alarm.timer_id),
            comment_path(ref),
            shadow_path(ref),
            task_path(ref.task),
        ]

        def plan() -> tuple[bool, list[Write]]:
            timer, stored, shadow, found = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return False, []
            purge_at = comment_of(stored).purge_at if stored else None
            if stored is None or purge_at is None or purge_at > now:
                return False, [Remove(timer)]  # Where it was deleted anew, that sets it anew.
            writes: list[Write] = [Remove(stored), Remove(timer)]
            if shadow is not None:
                task = task_of(found) if found else None
                writes += [*gone(ref, seen_of(shadow), task), Remove(shadow)]
            return True, writes

        if self._store.commit(plan):
            log.info("comment.purged", task_id=ref.task_id, comment_id=ref.comment_id)
