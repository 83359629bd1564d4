"""The tasks of an occurrence, from the template of its series. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.kit.documents import Fields
from backend.kit.ranks import spread
from backend.recurrence.model import Occurrence
from backend.recurrence.series import Series
from backend.recurrence.template import SubtaskTemplate, TaskTemplate
from backend.tasks.documents import task_fields, task_from
from backend.tasks.model import Task, TaskRef, new_task

# What somebody may set for one occurrence before its task is there, by its name in documents.
CHANGEABLE = frozenset(
    {
        "title",
        "description",
        "priority",
        "assigneeIds",
        "watcherIds",
        "labelIds",
        "projectId",
        "boardId",
        "listId",
        "startAt",
        "due",
        "reminders",
        "checklist",
        "estimateMin",
    }
)


def tasks_of(
    series: Series, occurrence: Occurrence, *, by: str, changes: Fields | None = None
) -> list[Task]:
    """
    Return the task of an occurrence, then all below it, each before what lies below itself.

    They are made at the series' `updated_at`. `changes` are fields of the task's document, of
    those in `CHANGEABLE`, that somebody has set for this occurrence.
    """
    top = _changed(_top(series, occurrence, by), changes or {})
    tasks = [top]
    above: list[Task] = [top]
    ranks = [iter(_ranks(series.template))]
    for number, (depth, each) in enumerate(series.template.below(), start=1):
        del above[depth:], ranks[depth:]
        task = _below(series, occurrence, each, number, above=above[-1], by=by)
        tasks.append(replace(task, rank=next(ranks[-1])))
        above.append(tasks[-1])
        ranks.append(iter(_ranks(each)))
    return tasks


def _top(series: Series, occurrence: Occurrence, by: str) -> Task:
    template = series.template
    details = {
        **_common(series, template),
        "watcher_ids": template.watcher_ids,
        "label_ids": template.label_ids,
        "project_id": template.project_id,
        "board_id": template.board_id,
        "list_id": template.list_id,
        "reminders": template.reminders,
        "due": occurrence.due,
        "series_id": series.id,
        "occurrence_key": occurrence.key,
    }
    ref = TaskRef(series.workspace_id, series.task_id(occurrence.key))
    return new_task(ref, title=template.title, by=by, at=series.updated_at, details=details)


def _below(
    series: Series,
    occurrence: Occurrence,
    template: SubtaskTemplate,
    number: int,
    *,
    above: Task,
    by: str,
) -> Task:
    details = {
        **_common(series, template),
        "parent_id": above.id,
        "ancestor_ids": (*above.ancestor_ids, above.id),
        "depth": above.depth + 1,
    }
    ref = TaskRef(series.workspace_id, series.task_id(occurrence.key, number))
    return new_task(ref, title=template.title, by=by, at=series.updated_at, details=details)


def _common(series: Series, template: TaskTemplate | SubtaskTemplate) -> dict[str, Any]:
    return {
        "description": template.description,
        "priority": template.priority,
        "assignee_ids": template.assignee_ids,
        "checklist": tuple(replace(item, is_done=False) for item in template.checklist),
        "estimate_min": template.estimate_min,
        # Who began the series hears of its tasks as of their own.
        "created_by": series.created_by,
    }


def _ranks(template: TaskTemplate | SubtaskTemplate) -> list[str]:
    return spread(len(template.subtasks)) if template.subtasks else []


def _changed(task: Task, changes: Mapping[str, Any]) -> Task:
    known = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if not known:
        return task
    changed = task_from(task.ref, {**task_fields(task), **known})
    return changed.settled(task.updated_at)
