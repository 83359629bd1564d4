"""Copies of a task, alone or with all that is below it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from backend.guests.quota import GuestQuota, full
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.errors import InvalidArgument
from backend.kit.ids import checked, derived_id, random_id
from backend.kit.ranks import MAX_RANK
from backend.tasks import trees
from backend.tasks.desk import Desk
from backend.tasks.details import reminding
from backend.tasks.documents import task_path
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef, new_task
from backend.tasks.people import people_on
from backend.tasks.references import named, referring
from backend.undo.model import Done
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

# With the records of what was made, one commit takes no more.
MOST_COPIES = 400
# What a copy has of its original as it is. It is open, and nothing of it has been done yet.
COPIED = (
    "description",
    "priority",
    "label_ids",
    "project_id",
    "board_id",
    "list_id",
    "start_at",
    "due",
    "estimate_min",
)
# Between a rank and this one with something behind it stands nothing but what was put there so.
BEHIND = "V"


class Duplicating:
    """Duplicates tasks for those who may create them."""

    def __init__(
        self, clock: Clock, workspaces: WorkspaceService, quota: GuestQuota, desk: Desk
    ) -> None:
        self._clock = clock
        self._workspaces = workspaces
        self._quota = quota
        self._desk = desk

    def duplicate(
        self, actor: Actor, ref: TaskRef, *, title: str | None = None, subtree: bool = False
    ) -> Done[Task]:
        """
        Make a new task like another, right behind it; `subtree`: with copies of all below it.

        Description, people, labels, dates, estimate, place and checklist are copied, no longer
        ticked; comments, attachments, history and the series are not. `title`: another one.

        Raises:
            NotFound: there is no such task, or the caller may not see it.
            PermissionDenied: the caller may see it, but create none.
            InvalidArgument: `limit-exceeded`: there are more than `MOST_COPIES`, a guest has no
                room for them, or the list of the task is full.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.CREATE_TASK)
        room, new_id = self._quota.room(actor, member.workspace_id), random_id()

        def act(draft: Draft) -> Task:
            root = draft.task(ref.task_id)
            family = family_of(draft, root, most=MOST_COPIES) if subtree else [root]
            if room is not None and len(family) > room:
                raise full()
            here = self._here(actor, draft, family)
            return _copied(draft, family, new_id, title=title, here=here)

        path = task_path(TaskRef(member.workspace_id, checked(ref.task_id)))
        return self._desk.carry_out(
            actor, member, act, now=now, reading=[path], done="task.duplicated"
        )

    def _here(self, actor: Actor, draft: Draft, family: Sequence[Task]) -> frozenset[str]:
        """Return who of the people on the tasks still belongs to the workspace."""
        people = {uid for each in family for uid in people_on(each)}
        found = self._workspaces.admit_among(
            actor, draft.workspace_id, sorted(people), to=Right.CREATE_TASK
        )
        return frozenset(found)


def family_of(draft: Draft, root: Task, *, most: int) -> list[Task]:
    """
    Return a task and all below it that are not in the trash, parents before what is below them.

    Raises:
        InvalidArgument: these are more than `most`, code `limit-exceeded`.
    """
    family, ids = [root], {root.id}
    if not root.counters.get(trees.SUBTASKS):
        return family
    found = draft.ask(trees.below(draft.workspace_id, root.id, limit=most))
    # By their parents as they are: what was moved away a moment ago may still be found here.
    for each in (draft.any_task(stored.id) for stored in found):
        if each.parent_id in ids and each.deleted_at is None:
            family.append(each)
            ids.add(each.id)
    if len(found) >= most:
        raise InvalidArgument(
            f"A task can take along {most - 1} others.", code="limit-exceeded", pointer=""
        )
    return family


def _copied(
    draft: Draft, family: Sequence[Task], new_id: str, *, title: str | None, here: frozenset[str]
) -> Task:
    root = family[0]
    # Derived, so that a plan that runs again makes the same.
    ids = {each.id: derived_id("copy", new_id, each.id) for each in family[1:]} | {root.id: new_id}
    top = _like(draft, root, new_id, here)
    top = replace(top, title=title or top.title, parent_id=root.parent_id, rank=_behind(root.rank))
    draft.read(named(draft.workspace_id, _references(top)))
    draft.add(top := referring(draft, None, top))
    for each in family[1:]:
        above = draft.any_task(ids[str(each.parent_id)])
        blockers = tuple(ids[one] for one in each.blocked_by if one in ids)
        copy = replace(
            _like(draft, each, ids[each.id], here),
            rank=each.rank,
            parent_id=above.id,
            ancestor_ids=(*above.ancestor_ids, above.id),
            depth=above.depth + 1,
            blocked_by=blockers,
            is_blocked=bool(blockers),
        )
        draft.add(copy)
    return top


def _like(draft: Draft, task: Task, new_id: str, here: frozenset[str]) -> Task:
    details: dict[str, Any] = {name: getattr(task, name) for name in COPIED}
    if task.start_at is not None and task.due_at is not None and task.start_at > task.due_at:
        details["start_at"] = None  # An app wrote that; nobody could by the API.
    details["assignee_ids"] = _among(task.assignee_ids, here)
    details["watcher_ids"] = _among(task.watcher_ids, here)
    details["reminders"] = reminding(task.reminders, here)
    details["checklist"] = tuple(replace(item, is_done=False) for item in task.checklist)
    ref = TaskRef(draft.workspace_id, new_id)
    return new_task(ref, title=task.title, by=draft.by, at=draft.now, details=details)


def _among(uids: Iterable[str], here: frozenset[str]) -> tuple[str, ...]:
    return tuple(uid for uid in uids if uid in here)


def _references(task: Task) -> dict[str, Any]:
    names = ("project_id", "board_id", "list_id", "parent_id", "label_ids")
    return {name: getattr(task, name) for name in names}


def _behind(rank: str | None) -> str | None:
    return rank if rank is None or len(rank) >= MAX_RANK else f"{rank}{BEHIND}"
