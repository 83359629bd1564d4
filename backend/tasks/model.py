"""A task and what may become of it. Pure: every transition returns a task, and reads no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from backend.kit.errors import InvalidArgument, Stale
from backend.tasks.details import ChecklistItem, Reminder
from backend.tasks.due import Due, DuePatch

MAX_TITLE, MAX_DESCRIPTION = 500, 20_000
MAX_ASSIGNEES, MAX_WATCHERS = 20, 50
MAX_LABELS, MAX_BLOCKERS = 20, 20
MAX_DEPTH = 8
MAX_ESTIMATE_MIN = 100_000
KEPT_IN_TRASH = timedelta(days=30)


class TaskRef(NamedTuple):
    """Where a task is: its id is unique in its workspace only."""

    workspace_id: str
    task_id: str


class Recorded(NamedTuple):
    """Every change after `since` up to the one that made `upto` stands in the history already."""

    since: int
    upto: int


class MovedTo(NamedTuple):
    """Where a task is by now that lies in the trash here."""

    workspace_id: str
    task_id: str


class Status(StrEnum):
    """How far a task has come."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """How urgent a task is; stored as the number, named in the API."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


@dataclass(frozen=True, slots=True)
class Task:
    """
    `workspaces/{w}/tasks/{t}`.

    `due` is what a person meant; `due_at` and `due_day` follow from it and are stored for queries.
    The app writes all three, so they may disagree until the reactor has `settled` them.
    A card is a task with a board, a list and a rank. `ancestor_ids` (from the top), `depth`,
    `is_blocked` and `counters` follow from other documents, and are the server's alone, as is
    `recorded`: how much of the history was written along with the changes themselves. `moved_to`
    is where it went, of one in the trash that moved to another workspace.
    """

    id: str
    workspace_id: str
    title: str
    description: str
    status: Status
    priority: Priority
    assignee_ids: tuple[str, ...]
    watcher_ids: tuple[str, ...]
    label_ids: tuple[str, ...]
    project_id: str | None
    board_id: str | None
    list_id: str | None
    rank: str | None
    parent_id: str | None
    ancestor_ids: tuple[str, ...]
    depth: int
    start_at: datetime | None
    due: Due | None
    due_at: datetime | None
    due_day: str | None
    reminders: tuple[Reminder, ...]
    checklist: tuple[ChecklistItem, ...]
    estimate_min: int | None
    blocked_by: tuple[str, ...]
    is_blocked: bool
    counters: Mapping[str, int] = field(hash=False)
    series_id: str | None
    occurrence_key: str | None
    is_overdue: bool
    completed_at: datetime | None
    completed_by: str | None
    archived_at: datetime | None
    deleted_at: datetime | None
    expire_at: datetime | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    rev: int
    recorded: Recorded | None = field(default=None, compare=False)
    moved_to: MovedTo | None = None

    @property
    def ref(self) -> TaskRef:
        """Where this task is."""
        return TaskRef(self.workspace_id, self.id)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status in (Status.OPEN, Status.IN_PROGRESS) and self.is_live

    @property
    def is_done(self) -> bool:
        """Whether it was done, and not thrown away since."""
        return self.status is Status.DONE and self.deleted_at is None

    @property
    def is_live(self) -> bool:
        """Whether it is neither in the trash nor in the archive."""
        return self.deleted_at is None and self.archived_at is None

    @property
    def purge_at(self) -> datetime | None:
        """When it goes for good unless it is restored; None: it is not in the trash."""
        return self.deleted_at + KEPT_IN_TRASH if self.deleted_at else None

    def edited(
        self, changes: Mapping[str, Any], *, by: str, at: datetime, expected_rev: int | None = None
    ) -> "Task":
        """
        Return the task with these fields changed, or itself if they change nothing.

        `changes` holds field names of this class: title, description, status, priority,
        assignee_ids, watcher_ids, due (a `Due`, a `DuePatch` or None), and what else people set.

        Raises:
            Stale: the task is no longer at `expected_rev`.
            InvalidArgument: the due date as patched is none, or it would begin after it is due.
        """
        self._expect(expected_rev)
        if isinstance(patch := changes.get("due"), DuePatch):
            changes = {**changes, "due": patch.applied_to(self.due)}
        changed = replace(self, **changes)
        if changed.status is not self.status:
            is_done = changed.status is Status.DONE
            changed = replace(
                changed,
                completed_at=at if is_done else None,
                completed_by=by if is_done else None,
            )
        changed = changed.settled(at)
        _begin_in_time(changed, since=self)
        return _touched(changed, since=self, by=by, at=at)

    def completed(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Task":
        """Return it done. Completing what is done changes nothing."""
        return self.edited({"status": Status.DONE}, by=by, at=at, expected_rev=expected_rev)

    def reopened(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Task":
        """Return it open again. Reopening what is open or in progress changes nothing."""
        closed = self.status in (Status.DONE, Status.CANCELLED)
        changes = {"status": Status.OPEN} if closed else {}
        return self.edited(changes, by=by, at=at, expected_rev=expected_rev)

    def deleted(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Task":
        """Return it in the trash."""
        self._expect(expected_rev)
        gone = replace(self, deleted_at=self.deleted_at or at)
        return _touched(gone.settled(at), since=self, by=by, at=at)

    def restored(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Task":
        """Return it out of the trash. Restoring what is not there changes nothing."""
        self._expect(expected_rev)
        back = replace(self, deleted_at=None)
        return _touched(back.settled(at), since=self, by=by, at=at)

    def archived(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Task":
        """Return it in the archive. Archiving it again changes nothing."""
        self._expect(expected_rev)
        away = replace(self, archived_at=self.archived_at or at)
        return _touched(away.settled(at), since=self, by=by, at=at)

    def unarchived(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Task":
        """Return it out of the archive."""
        self._expect(expected_rev)
        back = replace(self, archived_at=None)
        return _touched(back.settled(at), since=self, by=by, at=at)

    def flagged_overdue(self, *, by: str, at: datetime) -> "Task":
        """Return it marked as overdue if at this instant it is, else itself."""
        if not self.is_late(at):
            return self
        return _touched(replace(self, is_overdue=True), since=self, by=by, at=at)

    def rezoned(self, tz: str, *, by: str, at: datetime) -> "Task":
        """Return it due in another zone if its due date travels with a person, else itself."""
        if self.due is None or not self.due.travels:
            return self
        there = replace(self, due=replace(self.due, tz=tz))
        return _touched(there.settled(at), since=self, by=by, at=at)

    def is_late(self, at: datetime) -> bool:
        """Whether somebody should have done it by now."""
        return self.is_open and self.due_at is not None and self.due_at <= at

    def settled(self, at: datetime) -> "Task":
        """
        Return it with the derived fields as they must be.

        `due_at` and `due_day` follow from `due`; nothing that is closed, or due in the future, is
        overdue. What becomes overdue is left to its timer.
        """
        task = replace(
            self,
            due_at=self.due.at if self.due else None,
            due_day=self.due.day.isoformat() if self.due else None,
        )
        moved_to = task.moved_to if task.deleted_at else None
        return replace(task, is_overdue=task.is_overdue and task.is_late(at), moved_to=moved_to)

    def corrected(self, *, by: str, at: datetime, anyway: bool = False) -> "Task":
        """Return it settled, as a change of its own if anything had to be, or `anyway`."""
        task = self.settled(at)
        return _next(task, by=by, at=at) if anyway else _touched(task, since=self, by=by, at=at)

    def _expect(self, rev: int | None) -> None:
        if rev is not None and rev != self.rev:
            raise Stale(f"The task is at revision {self.rev}, not {rev}.", current=self)


def _begin_in_time(task: Task, *, since: Task) -> None:
    # Where neither is touched an edit of something else must not fail for what an app has written.
    if (task.start_at, task.due_at) == (since.start_at, since.due_at):
        return
    if task.start_at is not None and task.due_at is not None and task.start_at > task.due_at:
        raise InvalidArgument("A task begins before it is due.", pointer="/startAt")


def _touched(task: Task, *, since: Task, by: str, at: datetime) -> Task:
    return since if task == since else _next(task, by=by, at=at)


def _next(task: Task, *, by: str, at: datetime) -> Task:
    return replace(task, rev=task.rev + 1, updated_at=at, updated_by=by)


def new_task(
    ref: TaskRef, *, title: str, by: str, at: datetime, details: Mapping[str, Any] | None = None
) -> Task:
    """Return a task somebody just thought of. `details` are as the `changes` of `Task.edited`."""
    blank = Task(
        id=ref.task_id,
        workspace_id=ref.workspace_id,
        title=title,
        description="",
        status=Status.OPEN,
        priority=Priority.NONE,
        assignee_ids=(),
        watcher_ids=(),
        label_ids=(),
        project_id=None,
        board_id=None,
        list_id=None,
        rank=None,
        parent_id=None,
        ancestor_ids=(),
        depth=0,
        start_at=None,
        due=None,
        due_at=None,
        due_day=None,
        reminders=(),
        checklist=(),
        estimate_min=None,
        blocked_by=(),
        is_blocked=False,
        counters={},
        series_id=None,
        occurrence_key=None,
        is_overdue=False,
        completed_at=None,
        completed_by=None,
        archived_at=None,
        deleted_at=None,
        expire_at=None,
        created_at=at,
        created_by=by,
        updated_at=at,
        updated_by=by,
        rev=1,
    )
    return replace(blank.edited(details or {}, by=by, at=at), rev=1)
