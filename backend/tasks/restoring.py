"""The history of a task, read and taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.errors import FailedPrecondition, InvalidArgument, hidden
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.desk import Desk
from backend.tasks.documents import task_fields, task_from
from backend.tasks.draft import Draft
from backend.tasks.history import Change, change_of, history_path
from backend.tasks.model import Task, TaskRef
from backend.tasks.references import named, referring
from backend.tasks.repository import Tasks
from backend.undo.model import Done
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

# What people set, by its name in documents: of a change, this much can be taken back by hand.
SET_BY_PEOPLE = {
    "title": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "assigneeIds": "assignee_ids",
    "watcherIds": "watcher_ids",
    "labelIds": "label_ids",
    "projectId": "project_id",
    "boardId": "board_id",
    "listId": "list_id",
    "rank": "rank",
    "parentId": "parent_id",
    "startAt": "start_at",
    "due": "due",
    "reminders": "reminders",
    "checklist": "checklist",
    "estimateMin": "estimate_min",
    "blockedBy": "blocked_by",
}


class HistoryService:
    """
    What happened to a task, and how a field is brought back to what it was.

    Every method raises NotFound for what the caller may not see.
    """

    def __init__(
        self, store: Store, workspaces: WorkspaceService, tokens: PageTokens, desk: Desk
    ) -> None:
        self._workspaces = workspaces
        self._tasks = Tasks(store, tokens)
        self._desk = desk

    def page(self, actor: Actor, ref: TaskRef, asked: Asked) -> Page[Change]:
        """
        Return a page of the changes of a task, newest first; also of one in the trash.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self._workspaces.admit(actor, ref.workspace_id, to=Right.READ_HISTORY)
        return self._tasks.history(ref.task_id, asked=asked, seen_by=member)

    def revert(
        self,
        actor: Actor,
        ref: TaskRef,
        rev: int,
        *,
        fields: Sequence[str] | None = None,
        expected_rev: int | None = None,
    ) -> Done[Task]:
        """
        Give fields that a change has changed the values they had before it, as a new change.

        `fields` are names as in documents; without them, all that people set. What was changed
        again since is replaced, too: somebody asks for the old value by name.

        Raises:
            InvalidArgument: the change did not touch such a field, or what the old value refers
                to is not there any more.
            FailedPrecondition: the change touched nothing that people set.
            Stale: the task is no longer at `expected_rev`.
        """
        path = history_path(ref, rev)

        def act(draft: Draft) -> Task:
            stored = draft.document(path)
            old = draft.task(ref.task_id)
            if stored is None:
                raise hidden()
            changes = _taken_back(old, change_of(stored), fields)
            # Who has left since is not brought back: they could not see the task.
            changes |= self._still_members(draft, changes)
            draft.read(named(ref.workspace_id, changes))
            task = old.edited(changes, by=actor.uid, at=draft.now, expected_rev=expected_rev)
            if task is not old:
                draft.put(task := referring(draft, old, task))
            return task

        return self._desk.change(
            actor, ref, act, to=Right.CHANGE_TASK, reading=[path], done="task.reverted"
        )

    def _still_members(self, draft: Draft, changes: Mapping[str, Any]) -> dict[str, Any]:
        lists = {name: changes[name] for name in ("assignee_ids", "watcher_ids") if name in changes}
        named_there = list(dict.fromkeys(uid for uids in lists.values() for uid in uids))
        members = self._workspaces.current_members(draft.workspace_id, named_there)
        return {name: tuple(uid for uid in uids if uid in members) for name, uids in lists.items()}


def _taken_back(task: Task, change: Change, fields: Sequence[str] | None) -> dict[str, Any]:
    known = [name for name in change.previous if name in SET_BY_PEOPLE]
    for index, name in enumerate(fields or ()):
        if name not in known:
            raise InvalidArgument(
                f"Revision {change.rev} did not change this.", pointer=f"/fields/{index}"
            )
    names = fields or known
    if not names:
        raise FailedPrecondition("This change touched nothing that people set.")
    before = {name: change.previous[name] for name in names}
    was = task_from(task.ref, {**task_fields(task), **before})
    return {SET_BY_PEOPLE[name]: getattr(was, SET_BY_PEOPLE[name]) for name in names}
