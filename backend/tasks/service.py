"""What people do with tasks. What follows from it is the reactor's business."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.guests.quota import GuestQuota
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.documents import changing, creating
from backend.tasks.model import Task, TaskRef, new_task
from backend.tasks.repository import Tasks
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

PEOPLE = {"assignee_ids": "/assigneeIds", "watcher_ids": "/watcherIds"}


class TaskService:
    """
    Tasks of the workspaces the caller belongs to.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do. `expected_rev` is the revision the caller believes to change: Stale
    if it is another by now. Aborted: others kept changing the task at the same time.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        quota: GuestQuota,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._quota = quota
        self._tasks = Tasks(store, tokens)

    def create(
        self, actor: Actor, workspace_id: str, *, title: str, details: Mapping[str, Any]
    ) -> Task:
        """
        Create a task.

        Raises:
            InvalidArgument: somebody named in it does not belong to the workspace, or a guest has
                as many tasks as a guest may.
        """
        now = self._clock.now()
        member = self._admit(actor, workspace_id, details, to=Right.CREATE_TASK)
        self._quota.check(actor, member.workspace_id)
        ref = TaskRef(member.workspace_id, random_id())
        task = new_task(ref, title=title, by=actor.uid, at=now, details=details)
        self._store.create([creating(task)])
        self._store.afterwards(lambda: log.info("task.created", task_id=task.id))
        return task

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
    ) -> Task:
        """
        Change some fields of a task.

        Raises:
            InvalidArgument: somebody newly named does not belong to the workspace.
        """
        return self._change(
            actor,
            ref,
            lambda task, now: task.edited(changes, by=actor.uid, at=now, expected_rev=expected_rev),
            "task.edited",
            naming=changes,
        )

    def complete(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Task:
        """Mark a task done."""
        return self._change(
            actor,
            ref,
            lambda task, now: task.completed(by=actor.uid, at=now, expected_rev=expected_rev),
            "task.completed",
        )

    def reopen(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> Task:
        """Mark a task open again."""
        return self._change(
            actor,
            ref,
            lambda task, now: task.reopened(by=actor.uid, at=now, expected_rev=expected_rev),
            "task.reopened",
        )

    def delete(self, actor: Actor, ref: TaskRef, *, expected_rev: int | None = None) -> None:
        """Put a task in the trash."""
        self._change(
            actor,
            ref,
            lambda task, now: task.deleted(by=actor.uid, at=now, expected_rev=expected_rev),
            "task.deleted",
            right=Right.TRASH_TASK,
        )

    def _admit(
        self, actor: Actor, workspace_id: str, changes: Mapping[str, Any], *, to: Right
    ) -> Member:
        named = {pointer: changes.get(people, ()) for people, pointer in PEOPLE.items()}
        return self._workspaces.admit_naming(actor, workspace_id, named, to=to)

    def _change(
        self,
        actor: Actor,
        ref: TaskRef,
        transition: Callable[[Task, datetime], Task],
        done: str,
        *,
        naming: Mapping[str, Any] = MappingProxyType({}),
        right: Right = Right.CHANGE_TASK,
    ) -> Task:
        now = self._clock.now()
        member = self._admit(actor, ref.workspace_id, naming, to=right)
        tried: Task | None = None

        def plan() -> tuple[tuple[Task, bool], list[Write]]:
            nonlocal tried
            stored, task = self._tasks.get(ref.task_id, seen_by=member)
            if task == tried:
                return (task, True), []  # Our own commit took place; only its answer was lost.
            tried = changed = transition(task, now)
            if changed is task:
                return (task, False), []
            return (changed, True), [changing(stored, changed)]

        task, changed = self._store.commit(plan)
        if changed:
            self._store.afterwards(lambda: log.info(done, task_id=task.id, rev=task.rev))
        return task
