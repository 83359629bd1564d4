"""Putting tasks back as they were before a command."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.actor import SYSTEM_UID, Actor
from backend.kit.documents import Change, Create, Put, Remove, Stored, Write
from backend.kit.errors import FailedPrecondition, InvalidArgument, NotFound
from backend.tasks.documents import task_from
from backend.tasks.draft import Draft
from backend.tasks.former import FOLLOWING, PEOPLE, Former, former, taken_back
from backend.tasks.history import BOOKKEEPING, change_of, history_path
from backend.tasks.history import Change as Made
from backend.tasks.model import Task, TaskRef
from backend.tasks.references import named, referring
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

# Of changes since, such as its time having come: more than that, and somebody was at it.
MOST_SINCE = 10
OF_A_SERIES = ("seriesId", "occurrenceKey")
# What a refusal that names no field of the task is about.
ABOUT_OTHERS = ("parentId", "blockedBy", "status")
SET_NAMES = {
    "projectId": "project_id",
    "boardId": "board_id",
    "listId": "list_id",
    "parentId": "parent_id",
    "labelIds": "label_ids",
    "blockedBy": "blocked_by",
}


class TaskReverter:
    """
    Puts tasks back: what was made goes to the trash, and fields get their former values.

    Whatever an edit would have to respect holds here, too: nobody who has left is assigned again,
    what is gone is not referred to, no circle is closed. Such a field is left as it is.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def reverting(
        self,
        actor: Actor,
        workspace_id: str,
        touched: Sequence[Touched],
        now: datetime,
        *,
        beside: Sequence[Write] = (),
    ) -> Reverted:
        """
        Return what puts tasks of a workspace back, as a change of the actor's.

        `beside` is what else the same commit writes: tasks may refer to what it brings back.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        self._workspaces.admit(actor, workspace_id, to=Right.TRASH_TASK)
        member = self._workspaces.admit(actor, workspace_id, to=Right.CHANGE_TASK)
        draft = Draft(self._store, member, now)
        draft.know(_as_they_will_be(beside, now))
        draft.read(path for each in touched for path in _paths(each))
        formers = {each.path: self._former(draft, each) for each in touched}
        present = self._members(workspace_id, [each for each in formers.values() if each])
        # What comes back comes first: others may be put below it again.
        order = sorted(touched, key=lambda each: not _returns(formers[each.path]))
        freed = {write.of.path for write in beside if isinstance(write, Remove)}
        undone = [each for each in order if self._put_back(draft, each, formers, present, freed)]
        return Reverted(
            writes=draft.writes(),
            undone=[each.path for each in undone],
            kept=[each.path for each in touched if each not in undone],
            touched=draft.touched(),
        )

    def _former(self, draft: Draft, touched: Touched) -> Former | None:
        """Return what a command changed of a task; None where nothing tells any more."""
        if touched.kind is Kind.CHANGED:
            return Former.told(touched)
        if touched.kind is Kind.RECORDED:
            stored = draft.document(_history(touched))
            return Former.recorded(change_of(stored)) if stored else None
        return Former({}, {})

    def _members(self, workspace_id: str, formers: Sequence[Former]) -> set[str]:
        people = {uid for each in formers for name in PEOPLE for uid in each.previous.get(name, ())}
        return set(self._workspaces.current_members(workspace_id, sorted(people)))

    def _put_back(
        self,
        draft: Draft,
        touched: Touched,
        formers: Mapping[str, Former | None],
        present: set[str],
        freed: set[str],
    ) -> bool:
        """Put a task back on the draft; False: it stays as it is."""
        try:
            if touched.kind is Kind.REMOVED:
                return _bring_back(draft, touched)
            task = draft.any_task(touched.id)
            if touched.kind is Kind.CREATED:
                return self._take_away(draft, touched, task)
        except NotFound:
            return touched.kind is Kind.CREATED  # It is gone for good: nothing is left of it.
        known = formers[touched.path]
        if known is None:
            return False
        wanted = former(task, known, present)
        if _entry_path(task) not in freed:  # The ledger says otherwise by now, and it decides.
            wanted = {name: value for name, value in wanted.items() if name not in OF_A_SERIES}
        if wanted:
            return _change(draft, task, wanted) or known.is_back(task)
        return known.is_back(task)

    def _take_away(self, draft: Draft, touched: Touched, task: Task) -> bool:
        if task.deleted_at is not None:
            return True
        if not self._is_untouched(draft, task, touched.rev):
            return False
        draft.put(task.deleted(by=draft.by, at=draft.now))
        return True

    def _is_untouched(self, draft: Draft, task: Task, rev: int) -> bool:
        """Whether nothing but time has changed a task since a revision."""
        if not rev <= task.rev <= rev + MOST_SINCE:
            return False
        revs = range(task.rev, rev, -1)
        paths = {each: history_path(task.ref, each) for each in revs}
        draft.read(paths.values())
        at = task.rev
        while at > rev:
            stored = draft.document(paths[at])
            if stored is None or not _is_of_itself(change := change_of(stored)):
                return False
            at = change.from_rev
        return at == rev


def _is_of_itself(change: Made) -> bool:
    """Whether time made a change, or it only brought the due date to where the person is."""
    if change.actor_uid == SYSTEM_UID:
        return True
    names = change.patch.keys() - {*FOLLOWING["due"], *BOOKKEEPING}
    return names == {"due"} and digest(change.patch["due"]) == digest(change.previous.get("due"))


def _entry_path(task: Task) -> str:
    series = f"workspaces/{task.workspace_id}/series/{task.series_id}"
    return f"{series}/occurrences/{task.occurrence_key}"


def _returns(known: Former | None) -> bool:
    return known is not None and "deletedAt" in known.previous


def _change(draft: Draft, task: Task, wanted: Mapping[str, Any]) -> bool:
    """Give a task former values, but for those that nothing holds up any more."""
    left = dict(wanted)
    while left:
        back = taken_back(task, left, by=draft.by, at=draft.now)
        try:
            if back is task:
                return False
            draft.read(named(draft.workspace_id, _changes(back, left)))
            _refuse_blocked(task, back)
            draft.put(referring(draft, task, back))
        except (InvalidArgument, FailedPrecondition, NotFound) as error:
            draft.put(task)
            for name in _at_fault(error, left):
                left.pop(name)
        else:
            return True
    return False


def _refuse_blocked(task: Task, back: Task) -> None:
    if back.is_done and not task.is_done and task.is_blocked:
        raise FailedPrecondition("What it waits for is not done.")


def _at_fault(error: Exception, left: Mapping[str, Any]) -> list[str]:
    faults = error.faults if isinstance(error, InvalidArgument) else ()
    named_ones = {fault.pointer.split("/")[1] for fault in faults if "/" in fault.pointer}
    found = [name for name in left if name in named_ones]
    return found or [name for name in left if name in ABOUT_OTHERS] or [*left]


def _changes(task: Task, names: Mapping[str, Any]) -> dict[str, Any]:
    return {SET_NAMES[name]: getattr(task, SET_NAMES[name]) for name in names if name in SET_NAMES}


def _bring_back(draft: Draft, touched: Touched) -> bool:
    if draft.document(touched.path) is None:
        ref = TaskRef(draft.workspace_id, touched.id)
        task = task_from(ref, touched.before)
        draft.add(replace(task, rev=task.rev + 1, updated_at=draft.now, updated_by=draft.by))
    return True


def _paths(touched: Touched) -> list[str]:
    is_recorded = touched.kind is Kind.RECORDED
    return [touched.path, _history(touched)] if is_recorded else [touched.path]


def _history(touched: Touched) -> str:
    return history_path(TaskRef(touched.workspace_id, touched.id), touched.rev)


def _as_they_will_be(writes: Sequence[Write], now: datetime) -> list[Stored]:
    found = []
    for write in writes:
        match write:
            case Create(path, fields) | Put(path, fields):
                found.append(Stored(path, fields, now))
            case Change(of, fields):
                found.append(Stored(of.path, {**of.fields, **fields}, of.updated_at))
    return found
