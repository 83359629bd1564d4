"""A task that is there already becomes the first of a series."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.errors import FailedPrecondition, Fault, InvalidArgument
from backend.kit.ids import checked, random_id
from backend.recurrence import ledger
from backend.recurrence.alteration import Alteration, Altering
from backend.recurrence.documents import noting
from backend.recurrence.editing import is_due_as
from backend.recurrence.model import Recurrence, Start
from backend.recurrence.series import CatchUp, Mode, Series
from backend.recurrence.template import MAX_SUBTASKS, SubtaskTemplate, TaskTemplate
from backend.tasks import acts
from backend.tasks.details import ChecklistItem, ReminderKind
from backend.tasks.documents import task_path
from backend.tasks.duplicating import family_of
from backend.tasks.model import Task, TaskRef
from backend.undo.model import Done
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class Adopting:
    """Begins series with tasks that are there, for those who may."""

    def __init__(
        self, store: Store, clock: Clock, workspaces: WorkspaceService, altering: Altering
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._altering = altering

    def adopt(
        self, actor: Actor, workspace_id: str, task_id: str, wanted: Mapping[str, Any]
    ) -> Done[Series]:
        """
        Let a task come again: it becomes the first occurrence, and is due as that is.

        What it has, and all below it, is the template. `wanted` holds the `rule` and perhaps
        `start` (else it is when the task is due, or at `time` on that day), `mode`, `catch_up`,
        `rdates` and `exdates`.

        Raises:
            NotFound: there is no such task, or the caller may not see it.
            PermissionDenied: the caller may see it, but begin no series.
            FailedPrecondition: it is closed, a subtask, or comes again already.
            InvalidArgument: it has no due date to start from, the rule never comes to pass, or
                too much is below it or would come at once (`limit-exceeded`).
        """
        now, series_id = self._clock.now(), random_id()
        member = self._workspaces.admit(actor, workspace_id, to=Right.CREATE_SERIES)
        path = task_path(TaskRef(member.workspace_id, checked(task_id)))

        def alter(alteration: Alteration) -> Series:
            draft = alteration.draft
            draft.read([path])
            task = draft.task(task_id)
            _check(task)
            family = family_of(draft, task, most=MAX_SUBTASKS + 2)
            series = ledger.begun(
                series_id,
                member.workspace_id,
                template_of(task, family),
                _recurrence(task, wanted),
                mode=wanted.get("mode", Mode.FIXED),
                catch_up=wanted.get("catch_up", CatchUp.SKIP),
                by=actor.uid,
                at=now,
            )
            series = replace(series, task_ids=((series.last_key, task.id),))
            first = series.recurrence.occurrence(series.last_key)
            entry = noting(series, first, task_id=task.id)
            alteration.begin_series(series)
            alteration.create_entry(entry.path, entry.fields)
            changes: dict[str, Any] = {"series_id": series.id, "occurrence_key": first.key}
            if not is_due_as(task, first):
                changes["due"] = first.due
            acts.edit(draft, task.id, changes)
            return series

        done = self._altering.commit(actor, member, alter, now=now)
        self._store.afterwards(lambda: log.info("series.begun", series_id=series_id))
        return done


def _check(task: Task) -> None:
    if not task.is_open:
        raise FailedPrecondition("Only a task that is to be done comes again.")
    if task.series_id is not None:
        raise FailedPrecondition("This task comes again already.")
    if task.parent_id is not None:
        raise FailedPrecondition("A subtask comes again with the task it belongs to.")


def _recurrence(task: Task, wanted: Mapping[str, Any]) -> Recurrence:
    start = wanted.get("start") or _start_of(task)
    start = replace(start, time=wanted.get("time", start.time))
    return Recurrence(wanted["rule"], start, wanted.get("rdates", ()), wanted.get("exdates", ()))


def template_of(task: Task, family: Sequence[Task]) -> TaskTemplate:
    """
    Return what comes again of a task, and of all below it, which are in `family`.

    A reminder at an instant does not: that comes once.
    """
    return TaskTemplate(
        title=task.title,
        description=task.description,
        priority=task.priority,
        assignee_ids=task.assignee_ids,
        watcher_ids=task.watcher_ids,
        label_ids=task.label_ids,
        project_id=task.project_id,
        board_id=task.board_id,
        list_id=task.list_id,
        reminders=tuple(each for each in task.reminders if each.kind is ReminderKind.RELATIVE),
        checklist=_unticked(task),
        estimate_min=task.estimate_min,
        subtasks=_below(task, family),
    )


def _below(task: Task, family: Sequence[Task]) -> tuple[SubtaskTemplate, ...]:
    found = sorted(
        (each for each in family if each.parent_id == task.id),
        key=lambda each: (each.rank or "", each.created_at),
    )
    return tuple(
        SubtaskTemplate(
            title=each.title,
            description=each.description,
            priority=each.priority,
            assignee_ids=each.assignee_ids,
            checklist=_unticked(each),
            estimate_min=each.estimate_min,
            subtasks=_below(each, family),
        )
        for each in found
    )


def _unticked(task: Task) -> tuple[ChecklistItem, ...]:
    return tuple(replace(item, is_done=False) for item in task.checklist)


def _start_of(task: Task) -> Start:
    if task.due is None:
        fault = Fault("/start", "missing", "The task has no due date: say when it starts.")
        raise InvalidArgument("A series starts on a day.", faults=(fault,))
    return Start(task.due.day, task.due.time, task.due.tz)
