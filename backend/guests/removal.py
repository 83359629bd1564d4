"""Taking back what a merge has copied, with what followed from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.adapters.firestore import Store
from backend.attachments.withdrawal import forgetting_files
from backend.boards.timers import recounts
from backend.comments.model import CommentRef
from backend.guests.contents import kind_of, top_of
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import (
    Query,
    Remove,
    Stored,
    Where,
    Withdraw,
    Write,
)
from backend.reactions.comments import forgetting_comment
from backend.reactions.documents import shadow_path, shadowed_task
from backend.reactions.service import Reactor
from backend.reactions.totals import moved
from backend.search.entries import forgetting
from backend.tasks.documents import task_path, tasks_path
from backend.tasks.model import TaskRef
from backend.tasks.timers import task_timer_id
from backend.timers.documents import withdrawing
from backend.timers.model import TimerKind
from backend.workspaces.documents import workspace_path

BELOW = 250  # What lies below one document; more than that is nobody's copy any more.
MOST = 350  # With the search entries of its comments.
EVENTS = 50
# Timers whose ids follow from kind and task alone. Those of comments and files go with these.
# What has more in its id stays, and fires into nothing: a tree that has come back (`tree` with the
# instant), and what tells of an event, which is gone (`notify`, `bundle`). `taskClosed` stays on
# purpose: it takes off devices what was told of the task, also of one that is gone.
OF_TASKS = (
    TimerKind.OVERDUE,
    TimerKind.ESCALATION,
    TimerKind.DUE_SOON,
    TimerKind.REMINDER,
    TimerKind.TRASH,
    TimerKind.RANKS,
    TimerKind.TREE,
    TimerKind.DEPENDENTS,
    TimerKind.COMMENT_ENTRIES,
    TimerKind.WITHDRAWAL,
)
# Who else names a document: collection, field and how. It stays while one of them does.
NAMED_BY: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "projects": (("tasks", "projectId", "=="), ("boards", "projectId", "==")),
    "boards": (("tasks", "boardId", "=="), ("lists", "boardId", "==")),
    "lists": (("tasks", "listId", "=="),),
    "labels": (("tasks", "labelIds", "array_contains"),),
    "series": (("tasks", "seriesId", "=="),),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What takes one document away, with all that lies below it and followed from it."""

    writes: list[Write] = field(default_factory=list)
    counters: Mapping[str, int] = field(default_factory=dict)


class Removal:
    """Knows what has to go with a task, a series or whatever else has been copied."""

    def __init__(self, store: Store, clock: Clock, reactor: Reactor) -> None:
        self._store = store
        self._clock = clock
        self._reactor = reactor

    def of_copy(
        self, workspace_id: str, place: str, copies: Mapping[str, int | None]
    ) -> Taken | None:
        """
        Return what takes a copy away; None if somebody has worked with it since.

        `copies` are the revisions that it, and what lies below it, had when they were copied.
        """
        home = workspace_path(workspace_id)
        if kind_of(place) == "tasks":
            return self.of_task(_ref(workspace_id, place), copies)
        stored = self._store.get(f"{home}/{place}")
        if stored is None:
            return Taken()
        if _is_changed(stored, copies[place]) or self._is_named(home, place):
            return None
        below = self._store.below(stored.path, limit=BELOW + 1)
        taken = [Remove(stored), *forgetting(stored.path), *_withdrawn(below)]
        return Taken(taken) if len(below) <= BELOW else None

    def of_task(self, ref: TaskRef, copies: Mapping[str, int | None] | None = None) -> Taken | None:
        """Return what takes a task away; None if it was worked with since `copies`."""
        self._reactor.react(ref)  # So that what is counted of it is what its shadow says.
        stored, shadow = self._store.get_all([task_path(ref), shadow_path(ref)])
        if stored is None:
            return Taken()
        below = self._store.below(stored.path, limit=BELOW + 1, whole=True)
        if len(below) > BELOW:
            return None
        if copies is not None and _is_touched(stored, [*below, *self._subtasks(ref)], copies):
            return None
        entries: list[Write] = [
            entry for each in (stored, *below) for entry in _followers(each.path)
        ]
        entries += forgetting_files(below, now=self._clock.now())
        if len(below) + len(entries) > MOST:
            return None
        writes: list[Write] = [Remove(stored), *_withdrawn(below), *entries]
        writes += [withdrawing(task_timer_id(kind, ref)) for kind in OF_TASKS]
        writes += _withdrawn(self._events(ref))
        if shadow is None:
            return Taken(writes)
        counted = shadowed_task(shadow)
        writes += recounts(counted, by=counted.updated_by, at=self._clock.now())
        return Taken([*writes, Remove(shadow)], moved(counted, None))

    def _subtasks(self, ref: TaskRef) -> list[Stored]:
        above = Where("parentId", "==", ref.task_id)
        return self._store.find(Query(tasks_path(ref.workspace_id), limit=BELOW, where=(above,)))

    def _events(self, ref: TaskRef) -> list[Stored]:
        events = f"{workspace_path(ref.workspace_id)}/events"
        about = Where("subject.id", "==", ref.task_id)
        return self._store.find(Query(events, limit=EVENTS, where=(about,)))

    def _is_named(self, home: str, place: str) -> bool:
        kind, _, thing_id = place.partition("/")
        return any(
            self._store.find(
                Query(f"{home}/{collection}", limit=1, where=(Where(name, how, thing_id),))
            )
            for collection, name, how in NAMED_BY[kind]
        )


def _followers(path: str) -> list[Withdraw]:
    """Return what takes away what search and reactions know of a document, by names of its own."""
    match path.split("/"):
        case ["workspaces", workspace_id, "tasks", task_id, "comments", comment_id]:
            said = CommentRef(workspace_id, task_id, comment_id)
            return [*forgetting(path), *forgetting_comment(said)]
    return forgetting(path)


def _is_touched(task: Stored, others: list[Stored], copies: Mapping[str, int | None]) -> bool:
    """Say whether a task, what is said of it, or a task below it, is not as it was copied."""
    home = task.path.rpartition("/tasks/")[0]
    said = [each for each in others if kind_of(_place(home, each)) != "tasks/history"]
    return any(_is_changed(each, copies.get(_place(home, each), -1)) for each in (task, *said))


def _is_changed(stored: Stored, copied: int | None) -> bool:
    rev = stored.fields.get("rev")
    # That its time came in between is nobody's doing.
    by_time = stored.fields.get("updatedBy") == SYSTEM_UID and rev == (copied or 0) + 1
    return rev != copied and not by_time


def _place(home: str, stored: Stored) -> str:
    return stored.path.removeprefix(f"{home}/")


def _withdrawn(found: list[Stored]) -> list[Write]:
    return [Withdraw(each.path) for each in found]


def _ref(workspace_id: str, place: str) -> TaskRef:
    return TaskRef(workspace_id, top_of(place).rpartition("/")[2])
