"""
What a task waits for: `blockedBy`, and whether anything of it is still open.

Only the API writes `blockedBy`. It looks at everything a new blocker waits for in its turn, and
holds it: the commit fails if one of those tasks changes meanwhile, so that no two commands, however
close, close a circle.
"""

from collections.abc import Iterable
from dataclasses import replace

from backend.kit.errors import FailedPrecondition, InvalidArgument
from backend.tasks.draft import Draft
from backend.tasks.model import Status, Task

POINTER = "/blockedBy"
# So many tasks are looked at, and held, for one command.
MOST_AHEAD = 100


def waiting(draft: Draft, old: Task | None, task: Task) -> Task:
    """
    Return a task that says whether it is blocked, by what it waits for as that is now.

    `old` is the task as it was, None for a new one. What it newly waits for is there already.

    Raises:
        InvalidArgument: it would wait for itself (`cycle-detected`), or for too many tasks, one
            behind the other (`limit-exceeded`).
        FailedPrecondition: it is to be done, and waits for a task that is not.
    """
    before = old.blocked_by if old is not None else ()
    is_turning_done = task.status is Status.DONE and (old is None or old.status is not Status.DONE)
    if added := [each for each in task.blocked_by if each not in before]:
        _check_circle(draft, task.id, added)
    if task.blocked_by == before and not (is_turning_done and task.blocked_by):
        return task
    is_blocked = _is_blocked(draft, task.blocked_by)
    if is_turning_done:
        _check_done(draft, task, is_blocked=is_blocked)
    return task if task.is_blocked == is_blocked else replace(task, is_blocked=is_blocked)


def _check_circle(draft: Draft, task_id: str, added: Iterable[str]) -> None:
    ahead, seen = list(added), set[str]()
    while ahead:
        seen.update(ahead)
        if task_id in seen:
            raise InvalidArgument(
                "A task cannot wait for itself, nor for one that waits for it.",
                code="cycle-detected",
                pointer=POINTER,
            )
        if len(seen) > MOST_AHEAD:
            raise InvalidArgument(
                f"A task can wait for {MOST_AHEAD} others, counting those they wait for.",
                code="limit-exceeded",
                pointer=POINTER,
            )
        ahead = [each for each in _behind(draft, ahead) if each not in seen]


def _behind(draft: Draft, task_ids: list[str]) -> Iterable[str]:
    """Return what these tasks wait for, each once, and hold them."""
    draft.read(map(draft.path, task_ids))
    found = [task for each in task_ids if (task := draft.find(each)) is not None]
    for task in found:
        draft.hold(task.id)
    return dict.fromkeys(each for task in found for each in task.blocked_by)


def _is_blocked(draft: Draft, task_ids: tuple[str, ...]) -> bool:
    draft.read(map(draft.path, task_ids))
    return any((task := draft.find(each)) is not None and task.is_open for each in task_ids)


def _check_done(draft: Draft, task: Task, *, is_blocked: bool) -> None:
    if is_blocked:
        raise FailedPrecondition("It waits for tasks that are not done.")
    for each in task.blocked_by:
        if draft.find(each) is not None:
            draft.hold(each)  # One that is opened again at this moment makes this fail.
