"""What people do with tasks. What follows from it is the reactor's business."""

from collections.abc import Mapping
from typing import Any

from backend.adapters.firestore import Store
from backend.guests.quota import GuestQuota
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks import acts, deleting
from backend.tasks.acts import Act
from backend.tasks.deleting import Below
from backend.tasks.desk import Desk
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef
from backend.tasks.people import people_named
from backend.tasks.references import named
from backend.tasks.repository import Tasks
from backend.undo.model import Done
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


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
            actor, workspace_id, people_named(details), to=Right.CREATE_TASK
        )
        self._quota.check(actor, member.workspace_id)
        task_id = random_id()

        def act(draft: Draft) -> Task:
            return acts.create(draft, task_id, title=title, details=details)

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

    def tree(self, actor: Actor, ref: TaskRef, asked: Asked) -> Page[Task]:
        """
        Return a page of all tasks below one, parents before their subtasks.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.READ_TASKS)
        return self._tasks.tree(ref.task_id, asked=asked, seen_by=member)

    def edit(
        self,
        actor: Actor,
        ref: TaskRef,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
        base_rev: int | None = None,
    ) -> Done[Task]:
        """
        Change some fields of a task.

        `base_rev` is the revision that the caller saw, perhaps long ago: values of others that
        the edit replaces unseen stay in the history as `lost`.

        Raises:
            InvalidArgument: somebody newly named does not belong to the workspace, something newly
                referred to is not there, or the task has never been at `base_rev`.
        """

        def act(draft: Draft) -> Task:
            if base_rev is None:
                return acts.edit(draft, ref.task_id, changes, expected_rev=expected_rev)
            return acts.merge(
                draft,
                ref.task_id,
                changes,
                base_rev=base_rev,
                later=lambda: self._tasks.changes(
                    ref.task_id, after=base_rev, seen_by=draft.member
                ),
                expected_rev=expected_rev,
            )

        return self._desk.change(
            actor,
            ref,
            act,
            to=Right.CHANGE_TASK,
            naming=people_named(changes),
            reading=named(ref.workspace_id, changes),
            done="task.edited",
        )

    def complete(
        self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """Mark a task done."""
        return self._act(actor, ref, acts.complete, expected_rev, done="task.completed")

    def reopen(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Done[Task]:
        """Mark a task open again."""
        return self._act(actor, ref, acts.reopen, expected_rev, done="task.reopened")

    def archive(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Done[Task]:
        """Put a task into the archive: out of every list, and as it was."""
        return self._act(actor, ref, acts.archive, expected_rev, done="task.archived")

    def unarchive(
        self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None
    ) -> Done[Task]:
        """Take a task out of the archive."""
        return self._act(actor, ref, acts.unarchive, expected_rev, done="task.unarchived")

    def delete(
        self,
        actor: Actor,
        ref: TaskRef,
        *,
        subtasks: Below = Below.CASCADE,
        expected_rev: int | None = None,
    ) -> Done[Task]:
        """
        Put a task in the trash, and do with its subtasks as said.

        Raises:
            FailedPrecondition: it has subtasks, and they are to keep it.
            InvalidArgument: too many of them were to go up.
        """

        def act(draft: Draft) -> Task:
            return deleting.delete(draft, ref.task_id, subtasks=subtasks, expected_rev=expected_rev)

        return self._desk.change(actor, ref, act, to=Right.TRASH_TASK, done="task.deleted")

    def restore(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Done[Task]:
        """Take a task out of the trash, with what went along. One not there stays as it is."""
        return self._act(
            actor, ref, deleting.restore, expected_rev, to=Right.TRASH_TASK, done="task.restored"
        )

    def _act(
        self,
        actor: Actor,
        ref: TaskRef,
        act: Act,
        expected_rev: int | None,
        *,
        done: str,
        to: Right = Right.CHANGE_TASK,
    ) -> Done[Task]:
        def acted(draft: Draft) -> Task:
            return act(draft, ref.task_id, expected_rev=expected_rev)

        return self._desk.change(actor, ref, acted, to=to, done=done)
