"""What one commit will make of the tasks of a workspace."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.documents import Change, Fields, Query, Stored, Unchanged, Write
from backend.kit.errors import TaskFlowError, hidden
from backend.kit.ids import checked
from backend.tasks.documents import changing, creating, task_of, task_path
from backend.tasks.history import recorded, remembering
from backend.tasks.model import Task, TaskRef
from backend.undo.model import Touched
from backend.workspaces.model import Member

READ = ("_found", "_counts", "_asked")


class Draft:
    """
    Tasks as they are, and as they will be: read together, changed in turn, written together.

    Made anew in each run of a plan, so that it starts from fresh reads. Later changes see what
    earlier ones made of a task. Nothing is written here: `writes` or `bare_writes` go into the
    commit, and `touched` tells what takes it back.
    """

    def __init__(self, store: Store, member: Member, now: datetime) -> None:
        self.member = member
        self.now = now
        self._store = store
        self._found: dict[str, Stored | None] = {}
        self._before: dict[str, Task] = {}
        self._tasks: dict[str, Task] = {}
        self._added: dict[str, Task] = {}
        self._held: dict[str, Stored] = {}
        self._lost: dict[str, Fields] = {}
        self._counts: dict[str, int] = {}
        self._asked: dict[str, list[Stored]] = {}
        self._beside: dict[str, Callable[[Draft, str], Write]] = {}

    @property
    def workspace_id(self) -> str:
        """The workspace whose tasks these are."""
        return self.member.workspace_id

    @property
    def by(self) -> str:
        """The uid of whoever does this."""
        return self.member.uid

    def read(self, paths: Iterable[str]) -> None:
        """Read documents in one round trip, but for those that were read before."""
        missing = [path for path in dict.fromkeys(paths) if path not in self._found]
        if missing:
            self._found |= dict(zip(missing, self._store.get_all(missing), strict=True))

    def ask(self, query: Query) -> list[Stored]:
        """Run a bounded query of the workspace, once, and take in what it finds."""
        asked = repr(query)  # Conditions may hold lists.
        if asked not in self._asked:
            self._asked[asked] = self._store.find(query)
            self.know(self._asked[asked])
        return self._asked[asked]

    def count(self, query: Query) -> int:
        """Count what a query of the workspace finds in the database, once."""
        asked = repr(query)
        if asked not in self._counts:
            self._counts[asked] = self._store.count(query)
        return self._counts[asked]

    def know(self, found: Iterable[Stored]) -> None:
        """Take in documents that a query has found."""
        for stored in found:
            self._found.setdefault(stored.path, stored)

    def path(self, task_id: str) -> str:
        """Return where a task of this workspace lies."""
        return task_path(TaskRef(self.workspace_id, task_id))

    def document(self, path: str) -> Stored | None:
        """Return a document, read now if it was not before."""
        self.read([path])
        return self._found[path]

    def any_task(self, task_id: str) -> Task:
        """
        Return a task as it will be, also one in the trash.

        Raises:
            NotFound: there is none.
            DataLoss: it cannot be read.
        """
        task = self.find(checked(task_id))
        if task is None:
            raise hidden()
        return task

    def find(self, task_id: str) -> Task | None:
        """
        Return a task as it will be, also one in the trash; None if there is none.

        Raises:
            DataLoss: it cannot be read.
        """
        if (task := self._tasks.get(task_id) or self._added.get(task_id)) is not None:
            return task
        stored = self.document(self.path(task_id))
        if stored is None:
            return None
        self._before[task_id] = self._tasks[task_id] = task_of(stored)
        return self._tasks[task_id]

    def task(self, task_id: str) -> Task:
        """
        Return a task as it will be.

        Raises:
            NotFound: there is none, or it lies in the trash.
            DataLoss: it cannot be read.
        """
        task = self.any_task(task_id)
        if task.deleted_at is not None:
            raise hidden()
        return task

    def put(self, task: Task) -> None:
        """Let a task become this. One that was read here and has not changed is not written."""
        self.any_task(task.id)
        (self._added if task.id in self._added else self._tasks)[task.id] = task

    def add(self, task: Task) -> None:
        """Let there be a new task, under an id that nobody else has."""
        self._added[task.id] = task

    def lose(self, task_id: str, values: Fields) -> None:
        """Let the history of a change say which values of others it replaced unseen."""
        self._lost[task_id] = values

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Forget what the enclosed code has changed if it fails: one act of several."""
        kept = {
            name: copy(each)
            for name, each in vars(self).items()
            if isinstance(each, dict) and name not in READ  # That stays read.
        }
        try:
            yield
        except TaskFlowError:
            vars(self).update(kept)
            raise

    def hold(self, task_id: str) -> None:
        """Let the commit fail if somebody changes a task meanwhile that this one only looks at."""
        self.any_task(task_id)
        if (stored := self._found.get(self.path(task_id))) is not None:
            self._held[task_id] = stored

    def beside(self, path: str, write: Callable[["Draft", str], Write]) -> None:
        """Let another document be written, once for each path: a guard that nobody sees."""
        self._beside[path] = write

    def as_read(self, task_id: str) -> Task | None:
        """Return a task as it was read; None if it is new, or was not looked at."""
        return self._before.get(task_id)

    def before(self, task_id: str) -> Task:
        """Return a task as it was read."""
        self.any_task(task_id)
        return self._before[task_id]

    @property
    def changed(self) -> list[Task]:
        """The tasks that will be others than they were, as they will be."""
        return [task for task in self._tasks.values() if task is not self._before[task.id]]

    @property
    def added(self) -> list[Task]:
        """The tasks that will be new."""
        return [*self._added.values()]

    @property
    def size(self) -> int:
        """How many documents `bare_writes` touches."""
        return len(self.changed) + len(self._added) + len(self._held) + len(self._beside)

    def writes(self) -> list[Write]:
        """Return the writes, each change with its history: two documents a task."""
        written: list[Write] = self._common()
        for task in self.changed:
            old = self._before[task.id]
            written += [
                self._changing(recorded(old, task)),
                remembering(old, task, lost=self._lost.get(task.id)),
            ]
        return written

    def bare_writes(self) -> list[Write]:
        """Return the writes without the history, which the reactor then writes: one a task."""
        return [*self._common(), *map(self._changing, self.changed)]

    def touched(self) -> list[Touched]:
        """Return what takes `writes` back."""
        return [
            *(Touched.created(self.path(task.id), task.rev) for task in self.added),
            *(Touched.recorded(self.path(task.id), task.rev) for task in self.changed),
        ]

    def bare_touched(self) -> list[Touched]:
        """Return what takes `bare_writes` back."""
        return [
            *(Touched.created(self.path(task.id), task.rev) for task in self.added),
            *(
                Touched.changed(self._stored(task), self._changing(task).fields)
                for task in self.changed
            ),
        ]

    def _common(self) -> list[Write]:
        changed = {task.id for task in self.changed}
        held = [Unchanged(stored) for name, stored in self._held.items() if name not in changed]
        beside = [write(self, path) for path, write in self._beside.items()]
        return [*map(creating, self.added), *held, *beside]

    def _changing(self, task: Task) -> Change:
        return changing(self._stored(task), task)

    def _stored(self, task: Task) -> Stored:
        stored = self._found[self.path(task.id)]
        if stored is None:
            raise hidden()
        return stored
