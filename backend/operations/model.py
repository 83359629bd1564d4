"""An operation and what may become of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.kit.errors import FailedPrecondition
from backend.kit.ids import derived_id

KEPT_FOR = timedelta(days=7)


class OperationKind(StrEnum):
    """What is being worked at. Each kind has its `Work`, registered in bootstrap/works.py."""

    EXPORT = "export"
    IMPORT = "import"
    MERGE_GUEST = "mergeGuest"
    UNDO_MERGE = "undoMerge"
    BATCH = "batch"
    MOVE_TASK = "moveTask"
    COMMAND = "command"  # What one request has done, kept so that it can be undone.
    UNDO = "undo"
    DELETE_GROUP = "deleteGroup"
    ARCHIVE_DONE = "archiveDone"
    MARK_ALL = "markAll"
    BROADCAST = "broadcast"  # Under the id of the broadcast itself.


class OperationState(StrEnum):
    """How far it is. Only what is running can still change."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AlreadyRunning(FailedPrecondition):
    """There may be one of its kind at a time, and `current` is it."""

    default_code = "already-running"

    def __init__(self, detail: str, *, current: "Operation") -> None:
        super().__init__(detail)
        self.current = current


@dataclass(frozen=True, slots=True)
class Operation:
    """
    `operations/{id}`: work of one person that goes on after the answer.

    `done` of `total` steps are behind it (None: nobody knows how many there are). `cursor` is where
    a worker goes on, and nobody's business but the work's; `result` is what came of it; `problem`
    is a code of the catalogue. All of it is forgotten at `expire_at`.
    """

    id: str
    kind: OperationKind
    uid: str
    state: OperationState
    done: int
    total: int | None
    cursor: Mapping[str, Any] = field(repr=False)
    result: Mapping[str, Any] | None = field(repr=False)
    problem: str | None
    created_at: datetime
    updated_at: datetime
    expire_at: datetime
    rev: int

    @classmethod
    def started(
        cls,
        operation_id: str,
        kind: OperationKind,
        *,
        uid: str,
        at: datetime,
        total: int | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> "Operation":
        """Return an operation that has just begun."""
        return cls(
            id=operation_id,
            kind=kind,
            uid=uid,
            state=OperationState.RUNNING,
            done=0,
            total=total,
            cursor=cursor or {},
            result=None,
            problem=None,
            created_at=at,
            updated_at=at,
            expire_at=at + KEPT_FOR,
            rev=1,
        )

    @property
    def is_running(self) -> bool:
        """Whether work on it goes on."""
        return self.state is OperationState.RUNNING

    def is_kept(self, at: datetime) -> bool:
        """Whether it may still be read: deletion comes later, at the queue's leisure."""
        return self.expire_at > at

    def progressed(
        self,
        *,
        done: int,
        at: datetime,
        total: int | None = None,
        cursor: Mapping[str, Any],
        result: Mapping[str, Any] | None = None,
    ) -> "Operation":
        """Return it some steps further, perhaps with what came of it so far. It never goes back."""
        return self._changed(
            at,
            done=max(done, self.done),
            total=self.total if total is None else total,
            cursor=cursor,
            result=self.result if result is None else result,
        )

    def finished(self, result: Mapping[str, Any], *, at: datetime) -> "Operation":
        """Return it done, with what came of it."""
        done = self.done if self.total is None else self.total
        return self._ended(OperationState.DONE, at, done=done, result=result)

    def failed(
        self, problem: str, *, at: datetime, result: Mapping[str, Any] | None = None
    ) -> "Operation":
        """Return it failed for good, perhaps with what came of it until then."""
        result = self.result if result is None else result
        return self._ended(OperationState.FAILED, at, problem=problem, result=result)

    def cancelled(self, *, at: datetime) -> "Operation":
        """Return it cancelled."""
        return self._ended(OperationState.CANCELLED, at)

    def _ended(self, state: OperationState, at: datetime, **changes: Any) -> "Operation":
        # Whatever came of it is kept for a while from now on, however long it took.
        return self._changed(at, state=state, cursor={}, expire_at=at + KEPT_FOR, **changes)

    def _changed(self, at: datetime, **changes: Any) -> "Operation":
        if not self.is_running:
            raise FailedPrecondition(f"This is {self.state.value}, and stays so.")
        return replace(self, updated_at=at, rev=self.rev + 1, **changes)


def working_timer_id(operation: Operation, *, alone: bool) -> str:
    """
    Return the id of the timer that works at an operation.

    Where a person may have one of a kind at a time, all have the same timer: that is the guard.
    """
    if alone:
        return derived_id("operation", operation.kind.value, "of", operation.uid)
    return derived_id("operation", operation.id)


def ending_timer_id(operation_id: str) -> str:
    """Return the id of the timer that tidies up after an operation."""
    return derived_id("operation", operation_id, "end")
