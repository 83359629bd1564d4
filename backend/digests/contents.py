"""What a digest tells of: what is late, what lies ahead, and what was done. No more is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from backend.adapters.firestore import Store
from backend.digests.model import Planned
from backend.kit.documents import Query, Where
from backend.tasks.documents import readable_task
from backend.tasks.model import Status, Task

# How many titles are read; of more, only their number. Together at most 20 of 25 documents.
MOST_TO_DO, MOST_DONE = 14, 5
# Of each kind of what is to do, where there is more than that.
HALF = MOST_TO_DO // 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TO_DO = [Status.OPEN.value, Status.IN_PROGRESS.value]


@dataclass(frozen=True, slots=True)
class Listed:
    """Some tasks, and how many there are of their kind in all."""

    tasks: tuple[Task, ...]
    number: int

    def within(self, workspaces: Iterable[str]) -> "Listed":
        """Return it without what lies elsewhere."""
        kept = tuple(task for task in self.tasks if task.workspace_id in workspaces)
        return Listed(kept, self.number - len(self.tasks) + len(kept))


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What there is to tell somebody about their tasks.

    `late` and `ahead` are what they should do, by when it is due; `done` is what they have done
    themselves. An assignment may outlive a membership: `within` leaves out what somebody may not
    see any more.
    """

    late: Listed
    ahead: Listed
    done: Listed

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.late.number or self.ahead.number or self.done.number)

    @property
    def workspaces(self) -> tuple[str, ...]:
        """Where the tasks lie."""
        tasks = (*self.late.tasks, *self.ahead.tasks, *self.done.tasks)
        return tuple(sorted({task.workspace_id for task in tasks}))

    def within(self, workspaces: Iterable[str]) -> "Contents":
        """Return what lies in these workspaces; of what was only counted nobody knows where."""
        there = frozenset(workspaces)
        return Contents(self.late.within(there), self.ahead.within(there), self.done.within(there))


class Reading:
    """
    Reads what a digest tells of: two round trips, whatever else is stored.

    Where there is more than is shown, up to four more count it, and see to it that what is late
    leaves half of the room to what lies ahead.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, uid: str, planned: Planned, now: datetime) -> Contents:
        """
        Return what a digest tells somebody, in all workspaces, theirs still or not.

        What is due by the very end of its days counts among them: all-day tasks are.
        """
        late, ahead = self._to_do(uid, max(now, planned.looks_until), now)
        done = self._listed(done_query(uid, planned.done_since, planned.day_begins_at))
        return Contents(late, ahead, done)

    def _to_do(self, uid: str, until: datetime, now: datetime) -> tuple[Listed, Listed]:
        first, is_all = self._read(to_do_query(uid, EPOCH, until))
        # In the order in which they are due: all that is late, then what lies ahead.
        late = [task for task in first if task.is_late(now)]
        ahead = [task for task in first if not task.is_late(now)]
        lying_ahead = to_do_query(uid, now, until)
        if is_all:
            return _all(late), _all(ahead)
        if len(late) <= HALF:
            return _all(late), self._counted(lying_ahead, ahead)
        number = len(late) if ahead else self._store.count(to_do_query(uid, EPOCH, now))
        return Listed(tuple(late[:HALF]), number), self._listed(replace(lying_ahead, limit=HALF))

    def _listed(self, query: Query) -> Listed:
        tasks, is_all = self._read(query)
        return _all(tasks) if is_all else self._counted(query, tasks)

    def _counted(self, query: Query, tasks: Sequence[Task]) -> Listed:
        return Listed(tuple(tasks), max(len(tasks), self._store.count(query)))

    def _read(self, query: Query) -> tuple[list[Task], bool]:
        """Return what can be read of what a query finds, and whether that is all there is."""
        found = self._store.find(query)
        tasks = [task for stored in found if (task := readable_task(stored))]
        return tasks, len(found) < query.limit


def _all(tasks: Sequence[Task]) -> Listed:
    return Listed(tuple(tasks), len(tasks))


def to_do_query(uid: str, after: datetime, until: datetime) -> Query:
    """
    Return the query of what somebody should do that is due after an instant, and until another.

    It is theirs if it is assigned to them, or to nobody and they made it.
    """
    return Query(
        "tasks",
        limit=MOST_TO_DO,
        where=(
            Where("deletedAt", "==", None),
            Where("archivedAt", "==", None),
            Where("status", "in", TO_DO),
            Where("dueAt", ">", after),
            Where("dueAt", "<=", until),
        ),
        order_by=("dueAt",),
        group=True,
        either=(
            (Where("assigneeIds", "array_contains", uid),),
            (Where("assigneeIds", "==", []), Where("createdBy", "==", uid)),
        ),
    )


def done_query(uid: str, since: datetime, until: datetime) -> Query:
    """Return the query of what somebody has done between two instants; archived or not."""
    return Query(
        "tasks",
        limit=MOST_DONE,
        where=(
            Where("completedBy", "==", uid),
            Where("deletedAt", "==", None),
            Where("completedAt", ">=", since),
            Where("completedAt", "<", until),
        ),
        order_by=("-completedAt",),
        group=True,
    )
