"""What people do with tasks. What follows from it is the reactor's business."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from backend.adapters.firestore import Store
from backend.guests.quota import GuestQuota
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.desk import Desk
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef, new_task
from backend.tasks.references import named, referring
from backend.tasks.repository import Tasks
from backend.undo.model import Done
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

PEOPLE = {"assignee_ids": "/assigneeIds", "watcher_ids": "/watcherIds"}


class Transition(Protocol):
    """A way a task can go by itself, such as `Task.completed`."""

    def __call__(
        self, task: Task, /, *, by: str, at: datetime, expected_rev: int | None = None
    ) -> Task:
        """Return the task as it is then, or the same one if it is so already."""


class TaskService:
    """
    Tasks of the workspaces the caller belongs to.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do. `expected_rev` is the revision the caller believes to change: Stale
    if it is another by now. Aborted: others kept changing the task at the same time. What changes
    something returns it with the token that takes it back.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        quota: GuestQuota,
        desk: Desk,
    ) -> None:
        self._clock = clock
        self._workspaces = workspaces
        self._quota = quota
        self._desk = desk
        self._tasks = Tasks(store, tokens)

    def create(
        self, actor: Actor, workspace_id: str, *, title: str, details: Mapping[str, Any]
    ) -> Done[Task]:
        """
        Create a task.

        Raises:
            InvalidArgument: somebody named in it does not belong to the workspace, something it
                refers to is not there, or a guest has as many tasks as a guest may.
        """
        now = self._clock.now()
        member = self._workspaces.admit_naming(
            actor, workspace_id, _people(details), to=Right.CREATE_TASK
        )
        self._quota.check(actor, member.workspace_id)
        ref = TaskRef(member.workspace_id, random_id())

        def act(draft: Draft) -> Task:
            task = new_task(ref, title=title, by=actor.uid, at=now, details=details)
            draft.add(task := referring(draft, None, task))
            return task

        return self._desk.carry_out(
            actor,
            member,
            act,
            now=now,
            reading=named(member.workspace_id, details),
            done="task.created",
        )

    def get(self, actor: Actor, ref: TaskRef) -> Task:
        """Return a task."""
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.READ_TASKS)
        return self._tasks.get(ref.task_id, seen_by=member)[1]

    def page(
        self,
        actor: Actor,
        workspace_id: str,
        wanted: Mapping[str, Any],
        *,
        order: str | None,
        asked: Asked,
    ) -> Page[Task]:
        """
        Return a page of tasks.

        `wanted` holds values of the filters in `TASK_LISTS`, and `order` one of its orders.

        Raises:
            InvalidArgument: no index serves these together, or the page token belongs to another
                list.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_TASKS)
        return self._tasks.page(wanted, order=order, asked=asked, seen_by=member)

    def edit(
        self,
        actor: Actor,
        ref: TaskRef,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
    ) -> Done[Task]:
        """
        Change some fields of a task.

        Raises:
            InvalidArgument: somebody newly named does not belong to the workspace, or something
                newly referred to is not there.
        """

        def act(draft: Draft) -> Task:
            old = draft.task(ref.task_id)
            task = old.edited(changes, by=actor.uid, at=draft.now, expected_rev=expected_rev)
            if task is not old:
                draft.put(task := referring(draft, old, task))
            return task

        return self._desk.change(
            actor,
            ref,
            act,
            to=Right.CHANGE_TASK,
            naming=_people(changes),
            reading=named(ref.workspace_id, changes),
            done="task.edited",
        )

    def complete(
        self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """Mark a task done."""
        return self._turn(actor, ref, Task.completed, expected_rev, done="task.completed")

    def reopen(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Done[Task]:
        """Mark a task open again."""
        return self._turn(actor, ref, Task.reopened, expected_rev, done="task.reopened")

    def archive(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Done[Task]:
        """Put a task into the archive: out of every list, and as it was."""
        return self._turn(actor, ref, Task.archived, expected_rev, done="task.archived")

    def unarchive(
        self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """Take a task out of the archive."""
        return self._turn(actor, ref, Task.unarchived, expected_rev, done="task.unarchived")

    def delete(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Done[Task]:
        """Put a task in the trash."""

        def act(draft: Draft) -> Task:
            old = draft.task(ref.task_id)
            draft.put(task := old.deleted(by=actor.uid, at=draft.now, expected_rev=expected_rev))
            return task

        return self._desk.change(actor, ref, act, to=Right.TRASH_TASK, done="task.deleted")

    def _turn(
        self,
        actor: Actor,
        ref: TaskRef,
        transition: Transition,
        expected_rev: int | None,
        *,
        done: str,
    ) -> Done[Task]:
        def act(draft: Draft) -> Task:
            old = draft.task(ref.task_id)
            task = transition(old, by=actor.uid, at=draft.now, expected_rev=expected_rev)
            draft.put(task)
            return task

        return self._desk.change(actor, ref, act, to=Right.CHANGE_TASK, done=done)


def _people(changes: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    return {pointer: changes.get(people, ()) for people, pointer in PEOPLE.items()}
