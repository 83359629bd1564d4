"""What is asked for in bulk, and what became of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backend.kit.errors import Fault, InvalidArgument, Stale, TaskFlowError
from backend.tasks.model import Task
from backend.tasks.people import people_named
from backend.workspaces.permissions import Right

# At most so many commands; more than so many are an operation.
MAX_COMMANDS, MAX_AT_ONCE = 400, 100
# At most so many different people may be named in one request: each is looked up.
MAX_PEOPLE = 500


class Mode(StrEnum):
    """Whether one command that cannot be carried out stops the others."""

    ATOMIC = "atomic"
    PER_ITEM = "perItem"


class Op(StrEnum):
    """What a command does to a task: as the route of its own would."""

    CREATE = "create"
    UPDATE = "update"
    COMPLETE = "complete"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    DELETE = "delete"
    RESTORE = "restore"
    MOVE = "move"

    @property
    def right(self) -> Right:
        """What the caller must be allowed to do."""
        return RIGHTS.get(self, Right.CHANGE_TASK)


RIGHTS = {
    Op.CREATE: Right.CREATE_TASK,
    Op.DELETE: Right.TRASH_TASK,
    Op.RESTORE: Right.TRASH_TASK,
}


@dataclass(frozen=True, slots=True)
class Command:
    """One of the commands: `values` are what it says besides which task. A new task has an id."""

    op: Op
    task_id: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    expected_rev: int | None = None

    def people(self) -> Mapping[str, Sequence[str | None]]:
        """Return whom it names, by the pointer of their list within the command; None: nobody."""
        return people_named(self.values)


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    UNCHANGED = "unchanged"  # It was so already.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What became of one command.

    `task` is the task as the command left it. Where it was refused, `code` is that of the problem,
    `detail` a sentence, `faults` the values at fault, with pointers into the request, and `task`
    only there where another revision was expected: what it is now.
    """

    index: int
    op: Op
    task_id: str | None
    outcome: Outcome
    task: Task | None = None
    code: str | None = None
    detail: str | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def pointer(self) -> str:
        """The command in the request, as a JSON pointer."""
        return f"/operations/{self.index}"

    @property
    def rev(self) -> int | None:
        """The revision of `task`."""
        return self.task.rev if self.task else None

    @classmethod
    def refusing(cls, index: int, command: Command, error: TaskFlowError) -> "Verdict":
        """Return the verdict that a command cannot be carried out, and why."""
        found = error.faults if isinstance(error, InvalidArgument) else ()
        current = error.current if isinstance(error, Stale) else None
        faults = (Fault(f"/operations/{index}{f.pointer}", f.code, f.detail) for f in found)
        return cls(
            index,
            command.op,
            None if command.op is Op.CREATE else command.task_id,
            Outcome.REFUSED,
            task=current if isinstance(current, Task) else None,
            code=error.code,
            detail=error.detail,
            faults=tuple(faults),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What became of all of them, in the order given."""

    mode: Mode
    results: tuple[Verdict, ...]

    @property
    def done(self) -> int:
        """How many changed something."""
        return self._count(Outcome.DONE)

    @property
    def unchanged(self) -> int:
        """How many found that it was so already."""
        return self._count(Outcome.UNCHANGED)

    @property
    def refused(self) -> int:
        """How many could not be carried out."""
        return self._count(Outcome.REFUSED)

    def _count(self, outcome: Outcome) -> int:
        return sum(verdict.outcome is outcome for verdict in self.results)


class BatchRefused(InvalidArgument):
    """Nothing was done, since some of the commands cannot be: `faults` names each of these."""

    default_code = "batch-refused"

    def __init__(self, refused: Sequence[Verdict]) -> None:
        of = "One command" if len(refused) == 1 else f"{len(refused)} commands"
        super().__init__(
            f"{of} cannot be carried out, so none was.",
            faults=tuple(fault for verdict in refused for fault in _faults(verdict)),
        )
        self.refused = refused


def _faults(verdict: Verdict) -> tuple[Fault, ...]:
    said = Fault(verdict.pointer, verdict.code or "internal", verdict.detail or "")
    return verdict.faults or (said,)
