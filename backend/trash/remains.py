"""What lies below a task that is gone, and what else belonged to it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import Store
from backend.attachments.documents import attachments_path
from backend.attachments.usage import leaving, usage_path
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Change, Query, Remove, Stored, Where, Withdraw, Write
from backend.kit.errors import DataLoss, Unavailable
from backend.search.entries import ENTRIES
from backend.tasks.documents import changing, task_of, task_path, tasks_path
from backend.tasks.model import TaskRef

# Longer than any request or job: what was let in before the task went has been written by then.
LOOKED_AGAIN = timedelta(minutes=5)
WORK_S = 12.0  # A job has 25 s, and the last commit begun may take its time.
PAGE = 100
SHADOWS = "shadows"
FILES_AT_ONCE = 50  # Each is a request of its own.


class Remains:
    """
    Clears away what a deleted task leaves behind.

    It looks for what is there and remembers nothing, so it can be killed anywhere and called
    again. It reads what it deletes, and one empty answer for each place.
    """

    def __init__(self, store: Store, clock: Clock, blobs: Blobs | None) -> None:
        """Take the bucket, or None where there is none and so no files."""
        self._store = store
        self._clock = clock
        self._blobs = blobs

    def clear(self, ref: TaskRef) -> None:
        """
        Clear away everything, a job's worth of it.

        Raises:
            Unavailable: there is more, so the job must come again.
        """
        ends_at = self._clock.monotonic() + WORK_S
        steps: tuple[Callable[[TaskRef], bool], ...] = (
            self._free_subtasks,
            self._delete_attachments,
            self._delete_below,
            self._delete_followers,
            self._delete_files,
        )
        for step in steps:
            while step(ref):
                if self._clock.monotonic() >= ends_at:
                    raise Unavailable("More is left of the task than one job has time for.")

    def _free_subtasks(self, ref: TaskRef) -> bool:
        """Let tasks below it stand for themselves, but for those that are about to go, too."""
        where = (Where("parentId", "==", ref.task_id),)
        after: tuple[str, ...] | None = None
        now, is_missed = self._clock.now(), False
        while True:
            tasks = tasks_path(ref.workspace_id)
            found = self._store.find(Query(tasks, PAGE, where, order_by=(NAME,), after=after))
            writes = [write for each in found if (write := _freed(each, now)) is not None]
            is_missed |= not self._store.attempt(writes)
            if len(found) < PAGE:
                return is_missed
            after = (found[-1].path,)

    def _delete_attachments(self, ref: TaskRef) -> bool:
        """Delete their documents, and give back the room that their files take."""

        def plan() -> tuple[bool, list[Write]]:
            found = self._store.find(Query(attachments_path(ref), PAGE, order_by=(NAME,)))
            if not found:
                return False, []
            usage = self._store.get(usage_path(ref.workspace_id))
            size = sum(each.fields.get("size", 0) for each in found)
            room = leaving(usage, size, files=len(found))
            return True, [*map(Remove, found), *room]

        return self._store.commit(plan)

    def _delete_below(self, ref: TaskRef) -> bool:
        """Delete comments, history, and whatever else there is at any depth."""
        found = self._store.below(task_path(ref), limit=PAGE)
        folder = f"{attachments_path(ref)}/"
        self._delete([each for each in found if not each.path.startswith(folder)])
        return bool(found)

    def _delete_followers(self, ref: TaskRef) -> bool:
        """Delete what the server keeps of its comments: what search and reactions know of them."""
        where = (
            Where("workspaceId", "==", ref.workspace_id),
            Where("taskId", "==", ref.task_id),
        )
        found = [
            each
            for collection in (ENTRIES, SHADOWS)
            for each in self._store.find(Query(collection, PAGE, where))
        ]
        self._delete(found)
        return bool(found)

    def _delete_files(self, ref: TaskRef) -> bool:
        """Delete its files, those that were never finished too."""
        if (blobs := self._blobs) is None:
            return False
        folders = (f"{attachments_path(ref)}/", f"uploads/{ref.workspace_id}/{ref.task_id}/")
        return any(blobs.delete_prefix(folder, FILES_AT_ONCE) for folder in folders)

    def _delete(self, found: Sequence[Stored]) -> None:
        # Whoever comes at the same time deletes the same: none of them needs a guard.
        self._store.attempt([Withdraw(each.path) for each in found])


def _freed(stored: Stored, now: datetime) -> Change | None:
    try:
        task = task_of(stored)
    except DataLoss:  # Nobody can read it, and still it must not point nowhere.
        return Change(stored, {"parentId": None, "ancestorIds": [], "depth": 0})
    if task.purge_at is not None and task.purge_at <= now:
        return None
    freed = task.edited({"parent_id": None}, by=SYSTEM_UID, at=now)
    return changing(stored, replace(freed, ancestor_ids=(), depth=0))
