"""Series and occurrences as documents."""

from datetime import datetime

from backend.kit.documents import Adjust, Create, Fields, Put, Stored, reading
from backend.kit.errors import DataLoss, InvalidArgument
from backend.kit.people import PEOPLE, people_in
from backend.recurrence.model import Occurrence, Recurrence, Rule, Start
from backend.recurrence.series import (
    CatchUp,
    Missed,
    Mode,
    OccurrenceState,
    Series,
    SeriesState,
    TaskTemplate,
)


def series_path(workspace_id: str, series_id: str) -> str:
    """Return where a series lies."""
    return f"workspaces/{workspace_id}/series/{series_id}"


def occurrences_path(workspace_id: str, series_id: str) -> str:
    """Return the ledger of a series."""
    return f"{series_path(workspace_id, series_id)}/occurrences"


def occurrence_path(workspace_id: str, series_id: str, key: str) -> str:
    """Return where the ledger keeps an occurrence."""
    return f"{occurrences_path(workspace_id, series_id)}/{key}"


def series_fields(series: Series) -> Fields:
    """Return the document of a series."""
    recurrence = series.recurrence
    fields = {
        "template": series.template.to_fields(),
        "rule": recurrence.rule.text,
        "start": recurrence.start.to_fields(),
        "rdates": list(recurrence.rdates),
        "exdates": list(recurrence.exdates),
        "mode": series.mode.value,
        "catchUp": series.catch_up.value,
        "state": series.state.value,
        "lastKey": series.last_key,
        "nextAt": series.next_at,
        "pausedAt": series.paused_at,
        "follows": series.follows,
        "planned": list(series.planned),
        "taskIds": dict(series.task_ids),
        "createdAt": series.created_at,
        "createdBy": series.created_by,
        "updatedAt": series.updated_at,
        "rev": series.rev,
    }
    return {**fields, PEOPLE: people_in(fields)}


def series_of(stored: Stored) -> Series:
    """
    Read a series from its document; one from before it could be paused has no more to say.

    Raises:
        DataLoss: it is none, or its rule is one that there cannot be.
    """
    with reading(stored) as fields:
        try:
            return _series(stored, fields)
        except InvalidArgument as error:
            raise DataLoss(f"The document {stored.path} cannot be read ({error.code}).") from error


def _series(stored: Stored, fields: Fields) -> Series:
    return Series(
        id=stored.id,
        workspace_id=stored.parent_id,
        template=TaskTemplate.from_fields(fields["template"]),
        recurrence=Recurrence(
            Rule.parse(fields["rule"]),
            Start.from_fields(fields["start"]),
            rdates=tuple(fields.get("rdates", ())),
            exdates=tuple(fields.get("exdates", ())),
        ),
        mode=Mode(fields["mode"]),
        state=SeriesState(fields["state"]),
        last_key=fields["lastKey"],
        created_at=fields["createdAt"],
        created_by=fields["createdBy"],
        updated_at=fields["updatedAt"],
        rev=fields["rev"],
        catch_up=CatchUp(fields.get("catchUp", CatchUp.SKIP)),
        next_at=fields.get("nextAt"),
        paused_at=fields.get("pausedAt"),
        follows=fields.get("follows"),
        planned=tuple(fields.get("planned", ())),
        task_ids=tuple(sorted(fields.get("taskIds", {}).items())),
    )


def noting(
    series: Series,
    occurrence: Occurrence,
    *,
    after: str | None = None,
    state: OccurrenceState = OccurrenceState.OPEN,
    task_id: str | None = None,
) -> Create:
    """
    Return the ledger's entry for a new occurrence. There can only ever be one.

    `after` is the key of the occurrence from whose end it follows; None: it follows from none.
    `task_id` is that of its task where that was there before it.
    """
    task_id = task_id or series.task_id(occurrence.key)
    entry = _entry(occurrence, state, task_id=task_id, after=after)
    return Create(occurrence_path(series.workspace_id, series.id, occurrence.key), entry)


def missing(series: Series, missed: Missed, *, after: str | None) -> Put:
    """Return the entry for what passed without a task, in place of any plans for it."""
    occurrence = missed.occurrence
    entry = _entry(occurrence, OccurrenceState.MISSED, task_id=None, after=after)
    path = occurrence_path(series.workspace_id, series.id, occurrence.key)
    return Put(path, entry if missed.through is None else {**entry, "through": missed.through})


def closing(
    series: Series, key: str, state: OccurrenceState, *, completed_at: datetime | None
) -> Adjust:
    """Return the write that marks what has become of an occurrence: closed, or open again."""
    return Adjust(
        occurrence_path(series.workspace_id, series.id, key),
        {"state": state.value, "completedAt": completed_at},
    )


def _entry(
    occurrence: Occurrence, state: OccurrenceState, *, task_id: str | None, after: str | None
) -> Fields:
    return {
        "key": occurrence.key,
        "scheduledAt": occurrence.at,
        "state": state.value,
        "taskId": task_id,
        "completedAt": None,
        "after": after,
        "changes": None,
    }
