"""Series and occurrences as documents."""

from datetime import datetime

from backend.kit.documents import Adjust, Create, Fields, Stored
from backend.kit.people import PEOPLE, people_in
from backend.recurrence.model import Occurrence, Recurrence, Rule, Start
from backend.recurrence.series import Mode, Series, SeriesState, TaskTemplate
from backend.tasks.model import Priority


def series_path(workspace_id: str, series_id: str) -> str:
    """Return where a series lies."""
    return f"workspaces/{workspace_id}/series/{series_id}"


def occurrence_path(workspace_id: str, series_id: str, key: str) -> str:
    """Return where the ledger keeps an occurrence."""
    return f"{series_path(workspace_id, series_id)}/occurrences/{key}"


def series_fields(series: Series) -> Fields:
    """Return the document of a series."""
    start, template = series.recurrence.start, series.template
    fields = {
        "template": {
            "title": template.title,
            "description": template.description,
            "priority": template.priority.value,
            "assigneeIds": list(template.assignee_ids),
            "watcherIds": list(template.watcher_ids),
        },
        "rule": series.recurrence.rule.text,
        "start": start.to_fields(),
        "mode": series.mode.value,
        "state": series.state.value,
        "lastKey": series.last_key,
        "createdAt": series.created_at,
        "createdBy": series.created_by,
        "updatedAt": series.updated_at,
        "rev": series.rev,
    }
    return {**fields, PEOPLE: people_in(fields)}


def series_of(stored: Stored) -> Series:
    """Read a series from its document."""
    fields = stored.fields
    template, start = fields["template"], fields["start"]
    return Series(
        id=stored.id,
        workspace_id=stored.parent_id,
        template=TaskTemplate(
            title=template["title"],
            description=template["description"],
            priority=Priority(template["priority"]),
            assignee_ids=tuple(template["assigneeIds"]),
            watcher_ids=tuple(template["watcherIds"]),
        ),
        recurrence=Recurrence(
            Rule.parse(fields["rule"]),
            Start.from_fields(start),
        ),
        mode=Mode(fields["mode"]),
        state=SeriesState(fields["state"]),
        last_key=fields["lastKey"],
        created_at=fields["createdAt"],
        created_by=fields["createdBy"],
        updated_at=fields["updatedAt"],
        rev=fields["rev"],
    )


def noting(series: Series, occurrence: Occurrence, *, after: str | None = None) -> Create:
    """
    Return the ledger's entry for a new occurrence. There can only ever be one.

    `after` is the key of the occurrence from whose completion it follows; None: the first.
    """
    return Create(
        occurrence_path(series.workspace_id, series.id, occurrence.key),
        {
            "key": occurrence.key,
            "scheduledAt": occurrence.at,
            "state": "open",
            "taskId": series.task_id(occurrence.key),
            "completedAt": None,
            "after": after,
        },
    )


def closing(series: Series, key: str, *, completed_at: datetime | None) -> Adjust:
    """Return the write that marks an occurrence done, or open again where it is undone."""
    return Adjust(
        occurrence_path(series.workspace_id, series.id, key),
        {"state": "done" if completed_at else "open", "completedAt": completed_at},
    )
