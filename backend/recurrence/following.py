"""How the open occurrence follows when its series changes: its task, its key, its entry."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.kit.documents import Stored
from backend.recurrence.alteration import Alteration
from backend.recurrence.documents import occurrence_path, series_path
from backend.recurrence.editing import becoming, followed, is_due_as, is_retimed
from backend.recurrence.entries import Entry, entry_of
from backend.recurrence.model import Occurrence
from backend.recurrence.series import CLOSED, Series
from backend.tasks import acts
from backend.tasks.model import Task

NAMES_BEYOND = 100  # What lies below an occurrence is numbered up to 50.


class Current:
    """The occurrence of a series that was made last: its entry, and its task if that is open."""

    def __init__(self, alteration: Alteration, series: Series) -> None:
        """Read both in one round trip, or two where the task is not named after the key."""
        draft = alteration.draft
        path = occurrence_path(series.workspace_id, series.id, series.last_key)
        draft.read([path, draft.path(series.latest_task_id)])
        self.stored: Stored | None = draft.document(path)
        self.entry: Entry | None = entry_of(self.stored) if self.stored else None
        self.task: Task | None = None
        if self.entry is not None and self.entry.task_id is not None:
            task = draft.find(self.entry.task_id)
            self.task = task if task is not None and task.is_open else None

    @property
    def closed_at(self) -> Any:
        """When it was closed; None if it is still to be done."""
        if self.entry is None or self.entry.state not in CLOSED:
            return None
        return self.entry.completed_at or self.entry.scheduled_at


def follow(
    alteration: Alteration,
    old: Series,
    new: Series,
    current: Current,
    *,
    insisting: Mapping[str, Any] | None = None,
) -> Series:
    """
    Let the open occurrence follow its series, which becomes `new`; return that as it then is.

    What somebody has changed of its task stays, but for the fields of `insisting`: these are
    said of this occurrence, too.
    """
    task, entry, stored = current.task, current.entry, current.stored
    if task is None or entry is None or stored is None:
        return new
    changes = followed(task, old.template, new.template) | dict(insisting or {})
    was = old.recurrence.occurrence(entry.key)
    found = None
    if is_retimed(old, new):
        found = becoming(old, new, entry.key, after=entry.after, now=alteration.now)
    if found is not None and "due" not in changes and _may_move(task, was, found):
        changes["due"] = found.due
    if found is not None and found.key != entry.key:
        changes["occurrence_key"] = found.key
        new = _rekeyed(alteration, new, entry, stored, found)
    acts.edit(alteration.draft, task.id, changes)
    return new


def take_over(
    alteration: Alteration, old: Series, new: Series, current: Current, changes: Mapping[str, Any]
) -> Series:
    """
    Let the open occurrence of a series become the first of the one that follows it.

    `changes` are those of `Task.edited` that are said of this occurrence as well.
    """
    task, entry, stored = current.task, current.entry, current.stored
    if task is None or entry is None or stored is None:
        return new
    first = new.recurrence.occurrence(new.last_key)
    was = old.recurrence.occurrence(entry.key)
    own = followed(task, old.template, new.template) | dict(changes)
    if "due" not in own and first.due != was.due and _may_move(task, was, first):
        own["due"] = first.due
    own |= {"series_id": new.id, "occurrence_key": first.key}
    acts.edit(alteration.draft, task.id, own)
    alteration.remove_entry(stored)
    alteration.create_entry(
        f"{series_path(new.workspace_id, new.id)}/occurrences/{first.key}",
        {**stored.fields, "key": first.key, "scheduledAt": first.at, "after": None},
    )
    return replace(new, task_ids=((first.key, task.id),))


def _may_move(task: Task, was: Occurrence, found: Occurrence) -> bool:
    begins_later = task.start_at is not None and task.start_at > found.due.at
    return is_due_as(task, was) and not begins_later


def _rekeyed(
    alteration: Alteration, series: Series, entry: Entry, stored: Stored, found: Occurrence
) -> Series:
    """Let an entry be that of another occurrence, under whose key its task keeps its name."""
    path = occurrence_path(series.workspace_id, series.id, found.key)
    there = alteration.draft.document(path)
    fields = {**stored.fields, "key": found.key, "scheduledAt": found.at}
    if there is None:
        alteration.create_entry(path, fields)
    else:  # Somebody had plans for it.
        alteration.change_entry(there, {**fields, "changes": there.fields.get("changes")})
    alteration.remove_entry(stored)
    names = dict(series.task_ids) | {found.key: str(entry.task_id)}
    names[entry.key] = _another_name(series, entry)
    if names[found.key] == f"{series.id}-{found.key}":
        del names[found.key]
    planned = tuple(key for key in series.planned if key != found.key)
    return replace(
        series, last_key=found.key, planned=planned, task_ids=tuple(sorted(names.items()))
    )


def _another_name(series: Series, entry: Entry) -> str:
    """Return the id of the task that the key gets, should the series come back to it."""
    base = f"{series.id}-{entry.key}-"
    taken = series.task_id(entry.key)
    beyond = int(taken.removeprefix(base)) if taken.startswith(base) else 0
    return f"{base}{beyond + NAMES_BEYOND}"
