"""Carrying commands out on one draft, each as its route of its own would."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.bulk.model import Command, Op, Outcome, Verdict
from backend.guests.quota import full
from backend.kit.errors import Fault, InvalidArgument, PermissionDenied, TaskFlowError, hidden
from backend.kit.ids import is_id
from backend.tasks import acts
from backend.tasks.acts import Act
from backend.tasks.deleting import Below, delete
from backend.tasks.documents import task_path
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef
from backend.tasks.moving import move
from backend.tasks.references import named
from backend.workspaces.model import Member

# What one commit may write of tasks; records, progress and a kept answer come on top.
MOST_WRITES = 400

ACTS: Mapping[Op, Act] = {
    Op.COMPLETE: acts.complete,
    Op.REOPEN: acts.reopen,
    Op.ARCHIVE: acts.archive,
    Op.UNARCHIVE: acts.unarchive,
    Op.RESTORE: acts.restore,
}


@dataclass(frozen=True, slots=True)
class Circle:
    """Who calls, who of the people named is a member, and how many tasks there is room for."""

    caller: Member
    members: Mapping[str, Member]
    room: int | None = None


def paths_of(workspace_id: str, commands: Sequence[Command]) -> list[str]:
    """Return what is to be read for commands, in one round trip: the tasks, and what they name."""
    paths = [
        path
        for command in commands
        for path in (
            *_own_path(workspace_id, command),
            *_named(workspace_id, command),
        )
    ]
    return [*dict.fromkeys(paths)]


def carried_out(
    draft: Draft, commands: Sequence[Command], circle: Circle, *, first: int = 0
) -> list[Verdict]:
    """
    Carry commands out in their order, each wholly or not at all; return what became of each.

    Later ones find what earlier ones made. `first` is the place of the first in the request.
    What more than `MOST_WRITES` documents would be written for has no verdict.

    Raises:
        TaskFlowError: something that is no verdict on a command, as that Firestore is silent.
    """
    verdicts: list[Verdict] = []
    room = circle.room
    for index, command in enumerate(commands, first):
        verdict = _verdict(draft, index, command, replace(circle, room=room))
        if verdict is None:
            break
        verdicts.append(verdict)
        if command.op is Op.CREATE and verdict.outcome is Outcome.DONE and room is not None:
            room -= 1
    return verdicts


class _TooMuch(TaskFlowError):
    """One commit does not hold what this would write."""


def _verdict(draft: Draft, index: int, command: Command, circle: Circle) -> Verdict | None:
    before = None if command.op is Op.CREATE else draft.find(command.task_id)
    try:
        with draft.whole():
            _check(command, circle)
            task = _act(draft, command)
            _fit(draft)
    except _TooMuch:
        return None
    except TaskFlowError as error:
        if error.retryable:
            raise
        return Verdict.refusing(index, command, error)
    outcome = Outcome.UNCHANGED if task is before else Outcome.DONE
    return Verdict(index, command.op, task.id, outcome, task)


def _fit(draft: Draft) -> None:
    if draft.size > MOST_WRITES:
        raise _TooMuch("This is more than one commit holds.")


def _check(command: Command, circle: Circle) -> None:
    if not circle.caller.may(command.op.right):
        raise PermissionDenied("Your role in this workspace does not allow this.")
    if command.op is not Op.CREATE and not is_id(command.task_id):
        raise hidden()
    faults = tuple(
        Fault(f"{pointer}/{index}", "not-a-member", "This person is not in the workspace.")
        for pointer, uids in command.people().items()
        for index, uid in enumerate(uids)
        if uid is not None and uid not in circle.members
    )
    if faults:
        raise InvalidArgument("Everyone named must belong to the workspace.", faults=faults)
    if command.op is Op.CREATE and circle.room is not None and circle.room < 1:
        raise full()


def _act(draft: Draft, command: Command) -> Task:
    return _OF.get(command.op, _turn)(draft, command)


def _create(draft: Draft, command: Command) -> Task:
    details = dict(command.values)
    title = details.pop("title")
    return acts.create(draft, command.task_id, title=title, details=details)


def _update(draft: Draft, command: Command) -> Task:
    return acts.edit(draft, command.task_id, command.values, expected_rev=command.expected_rev)


def _turn(draft: Draft, command: Command) -> Task:
    return ACTS[command.op](draft, command.task_id, expected_rev=command.expected_rev)


def _delete(draft: Draft, command: Command) -> Task:
    task_id, rev, below = command.task_id, command.expected_rev, command.values["children"]
    if below is Below.CASCADE:
        # Reactions take along what is below: it may be more than a commit holds, and many queries.
        return acts.delete(draft, task_id, expected_rev=rev)
    return delete(draft, task_id, subtasks=below, expected_rev=rev)


def _move(draft: Draft, command: Command) -> Task:
    wanted = command.values["move"]
    return move(draft, command.task_id, wanted, expected_rev=command.expected_rev)


_OF: Mapping[Op, Callable[[Draft, Command], Task]] = {
    Op.CREATE: _create,
    Op.UPDATE: _update,
    Op.DELETE: _delete,
    Op.MOVE: _move,
}


def _named(workspace_id: str, command: Command) -> list[str]:
    if command.op is Op.MOVE:
        paths: list[str] = command.values["move"].reading(workspace_id)
        return paths
    return named(workspace_id, command.values)


def _own_path(workspace_id: str, command: Command) -> list[str]:
    if command.op is Op.CREATE or not is_id(command.task_id):
        return []
    return [task_path(TaskRef(workspace_id, command.task_id))]
