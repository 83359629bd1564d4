"""
What a change of a task means for those around it: above it, below it, and waiting for it.

The task itself says where it stands (`parentId`) and what it waits for (`blockedBy`). What follows
is kept here: `ancestorIds`, `depth` and `isBlocked` of the task, the counters of its parent and of
what it waits for, and timers for the tasks that follow in their turn. The order of reads makes it
right under any interleaving: a relative is read after what the task says of it was written, so
whatever changes the relative later finds the task by a query and puts it right itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.documents import Bump, Change, Increment, Query, Stored, Where, Write
from backend.reactions.ancestry import chain_of
from backend.reactions.dependents import dependents_timer
from backend.reactions.growth import tree_timer
from backend.tasks.documents import task_of, task_path, tasks_path
from backend.tasks.model import MAX_DEPTH, Task, TaskRef
from backend.timers.model import Timer

SUBTASKS, SUBTASKS_DONE, BLOCKS = "subtasks", "subtasksDone", "blocks"


@dataclass(frozen=True, slots=True)
class Kin:
    """Tasks around one, as they were read, by id; None where there is none."""

    stored: Mapping[str, Stored | None]

    def task(self, task_id: str) -> Task | None:
        """Return one of them."""
        stored = self.stored.get(task_id)
        return task_of(stored) if stored is not None else None


class Family:
    """Reads what a reaction has to know of the tasks around one, and says what becomes of them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def around(self, old: Task | None, task: Task) -> Kin:
        """Return the tasks it is newly below, and all it waits for if that changed: mostly none."""
        wanted = set(waits(task)) if _waits_anew(old, task) else set()
        if task.parent_id is not None and (_is_newly_below(old, task) or _is_late(old, task)):
            wanted.add(task.parent_id)
        ids = sorted(wanted)
        found = self._store.get_all([_path(task, each) for each in ids]) if ids else []
        return Kin(dict(zip(ids, found, strict=True)))

    def put_right(self, old: Task | None, task: Task, kin: Kin) -> Task:
        """
        Return the task where it belongs, and blocked or not, by the tasks around it.

        Below what is gone, or `MAX_DEPTH` deep, nothing can be, nor does a task come back to one
        in the trash: it comes to the top, where people see it.
        """
        if _is_newly_below(old, task):
            task = _at(task, self._chain(old, task, kin))
        if _waits_anew(old, task) and task.deleted_at is None:
            waited = [kin.task(each) for each in task.blocked_by]
            is_blocked = any(each is not None and each.is_open for each in waited)
            task = task if task.is_blocked == is_blocked else replace(task, is_blocked=is_blocked)
        return task

    def follow(
        self, old: Task | None, written: Task, task: Task, kin: Kin, *, at: datetime
    ) -> list[Timer]:
        """Return the timers for the tasks that follow this one: those below, those that wait."""
        timers = [*self._below(old, written, task, at=at)]
        if _has_to_tell(old, task):
            timers.append(dependents_timer(task.ref, at=at))
        parent = kin.task(task.parent_id) if task.parent_id is not None else None
        if parent is not None and parent.deleted_at is not None and task.deleted_at is None:
            timers.append(tree_timer(parent.ref, at=at))  # It goes along.
        return timers

    def _below(
        self, old: Task | None, written: Task, task: Task, *, at: datetime
    ) -> Iterator[Timer]:
        before = old.deleted_at if old is not None else None
        is_other = task.deleted_at != before
        has_moved = old is not None and old.ancestor_ids != task.ancestor_ids
        # What moves with this very commit has to be followed in any case: who came below it
        # meanwhile has perhaps seen it where it was, and can be found only later.
        is_moving = task.ancestor_ids != written.ancestor_ids
        is_concerned = is_other or has_moved or _is_late(old, task)
        if not is_moving and not (is_concerned and self._has_children(task.ref)):
            return
        if is_moving or has_moved or _is_late(old, task) or task.deleted_at is not None:
            yield tree_timer(task.ref, at=at)
        if is_other and before is not None:
            yield tree_timer(task.ref, at=at, back=before)

    def _has_children(self, ref: TaskRef) -> bool:
        where = (Where("parentId", "==", ref.task_id),)
        return bool(self._store.find(Query(tasks_path(ref.workspace_id), limit=1, where=where)))

    def _chain(self, old: Task | None, task: Task, kin: Kin) -> tuple[str, ...]:
        """Return the ancestors of a task by its parent; none where it cannot stay below that."""
        parent = kin.task(task.parent_id) if task.parent_id is not None else None
        if parent is None or (parent.deleted_at is not None and _came_back(old, task)):
            return ()
        chain = (*parent.ancestor_ids, parent.id)
        if chain != task.ancestor_ids or len(chain) > MAX_DEPTH:
            chain = chain_of(self._store, parent)
        return chain if task.id not in chain and len(chain) <= MAX_DEPTH else ()


def waits(task: Task) -> tuple[str, ...]:
    """Return what a task waits for; nothing from the trash."""
    return task.blocked_by if task.deleted_at is None else ()


def counting_kin(old: Task | None, task: Task, kin: Kin) -> list[Write]:
    """Return the writes by which the parent counts a task, and what it waits for counts on it."""
    by: Counter[tuple[str, str]] = Counter(_counts(task))
    by.subtract(_counts(old) if old is not None else ())
    changes: dict[str, dict[str, int]] = {}
    for (task_id, counter), change in sorted(by.items()):
        if change:
            changes.setdefault(task_id, {})[counter] = change
    return [
        write
        for task_id, counters in changes.items()
        for write in _counter_writes(task, task_id, counters, kin)
    ]


def _counter_writes(task: Task, task_id: str, by: Mapping[str, int], kin: Kin) -> Sequence[Write]:
    if by.get(BLOCKS, 0) <= 0:
        increments = {name: Increment(change) for name, change in by.items()}
        return [Bump(_path(task, task_id), {"counters": increments})]
    stored = kin.stored.get(task_id)
    if stored is None:
        return []
    # Guarded: who finishes that task after this sees here that others wait, and tells them. Who
    # did so before has changed it since it was read.
    counters = dict(stored.fields.get("counters") or {})
    return [Change(stored, {"counters": counters | _added(counters, by)})]


def _added(counters: Mapping[str, int], by: Mapping[str, int]) -> dict[str, int]:
    return {name: counters.get(name, 0) + change for name, change in by.items()}


def _counts(task: Task) -> list[tuple[str, str]]:
    """Return who counts a task, by which counter: progress leaves out what was cancelled."""
    found = [(each, BLOCKS) for each in waits(task)]
    if task.parent_id is not None and (task.is_open or task.is_done):
        found.append((task.parent_id, SUBTASKS))
        if task.is_done:
            found.append((task.parent_id, SUBTASKS_DONE))
    return found


def _at(task: Task, chain: tuple[str, ...]) -> Task:
    parent_id = task.parent_id if chain else None
    if (parent_id, chain, len(chain)) == (task.parent_id, task.ancestor_ids, task.depth):
        return task
    return replace(task, parent_id=parent_id, ancestor_ids=chain, depth=len(chain))


def _is_newly_below(old: Task | None, task: Task) -> bool:
    """Whether the task has another parent, or none any more, or is back below the one it had."""
    above = task.ancestor_ids[-1] if task.ancestor_ids else None
    if old is None or above != task.parent_id:  # An app moved it, of several times the last.
        return task.parent_id is not None or above is not None
    return task.parent_id != old.parent_id or _came_back(old, task)


def _waits_anew(old: Task | None, task: Task) -> bool:
    before = waits(old) if old is not None else ()
    return before != waits(task)


def _is_late(old: Task | None, task: Task) -> bool:
    """Whether of several changes only the outcome shows: what was between, others may have seen."""
    return task.rev > (old.rev if old is not None else 0) + 1


def _has_to_tell(old: Task | None, task: Task) -> bool:
    turned = old is not None and old.is_open != task.is_open
    return task.counters.get(BLOCKS, 0) > 0 and (turned or _is_late(old, task))


def _came_back(old: Task | None, task: Task) -> bool:
    return old is not None and old.deleted_at is not None and task.deleted_at is None


def _path(task: Task, other_id: str) -> str:
    return task_path(TaskRef(task.workspace_id, other_id))
