"""Changing and skipping one occurrence alone: its task, or the plans for one to come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Stored
from backend.kit.errors import FailedPrecondition, InvalidArgument
from backend.kit.people import PEOPLE, people_in
from backend.kit.wallclock import zone
from backend.recurrence import ledger
from backend.recurrence.alteration import Alteration
from backend.recurrence.entries import Entry, entry_fields, path_of
from backend.recurrence.model import MAX_EXCEPTIONS, Occurrence, Recurrence
from backend.recurrence.naming import THINGS, referred
from backend.recurrence.planned import FIELDS, changes_fields
from backend.recurrence.rule_text import Freq
from backend.recurrence.series import Mode, OccurrenceState, Series, SeriesState
from backend.tasks import acts
from backend.tasks.due import Due, DueKind
from backend.tasks.model import Status

MAX_PLANNED = 100
OF_THE_TASK = frozenset(FIELDS) - {"due"}


@dataclass(frozen=True, slots=True)
class Found:
    """A series, and an occurrence of it: the entry of the ledger, stored if there is one."""

    stored: Stored
    series: Series
    entry: Entry
    document: Stored | None


def of_the_task(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the changes that are fields of a task."""
    return {name: value for name, value in changes.items() if name in OF_THE_TASK}


def is_to_come(series: Series, occurrence: Occurrence) -> bool:
    """Say whether an occurrence of which the ledger knows nothing yet is still to come."""
    return (
        series.state is SeriesState.ACTIVE
        and series.mode is Mode.FIXED
        and occurrence.at > series.recurrence.occurrence(series.last_key).at
        and series.recurrence.has(occurrence.key)
    )


def check_to_be_done(alteration: Alteration, found: Found) -> None:
    """
    Check that an occurrence is open, or still to come.

    Raises:
        FailedPrecondition: it is neither.
    """
    entry = found.entry
    if entry.is_open:
        task = alteration.draft.find(str(entry.task_id))
        if task is not None and task.is_open:
            return
    elif entry.is_to_come and found.series.state is SeriesState.ACTIVE:
        return
    raise FailedPrecondition("This occurrence is closed.")


def change(store: Store, alteration: Alteration, found: Found, changes: Mapping[str, Any]) -> Entry:
    """
    Change one occurrence alone; return its entry as it then is.

    Raises:
        FailedPrecondition: it is closed.
        InvalidArgument: something newly named is not there, or plans were made for too many.
    """
    check_to_be_done(alteration, found)
    if found.entry.is_open:
        return _change_task(alteration, found, changes)
    return _plan(store, alteration, found, changes)


def skip(alteration: Alteration, found: Found) -> Entry:
    """
    Let one occurrence not take place; return its entry as it then is.

    Raises:
        FailedPrecondition: it is closed.
        InvalidArgument: the series leaves out as many as it can.
    """
    entry, series = found.entry, found.series
    if entry.state is OccurrenceState.SKIPPED:
        return entry
    check_to_be_done(alteration, found)
    if entry.is_open:
        acts.edit(alteration.draft, str(entry.task_id), {"status": Status.CANCELLED})
    skipped = replace(entry, state=OccurrenceState.SKIPPED)
    if found.document is None:
        alteration.create_entry(path_of(entry), entry_fields(skipped, None))
    else:
        alteration.change_entry(found.document, {"state": skipped.state.value})
    if series.mode is Mode.FIXED:
        planned = tuple(key for key in series.planned if key != entry.key)
        recurrence = _without(series, entry.key)
        new = ledger.changed(series, at=alteration.now, recurrence=recurrence, planned=planned)
        alteration.change_series(found.stored, new, before=series)
    return skipped


def _change_task(alteration: Alteration, found: Found, changes: Mapping[str, Any]) -> Entry:
    draft, task_id = alteration.draft, str(found.entry.task_id)
    occurrence = found.series.recurrence.occurrence(found.entry.key)
    own = of_the_task(changes)
    if _moves(changes):
        own["due"] = _due(found.series, draft.task(task_id).due or occurrence.due, changes)
    task = acts.edit(draft, task_id, own)
    state = ledger.state_of(task, occurrence)
    if found.document is not None:
        alteration.change_entry(found.document, {"state": state.value})
    return replace(found.entry, state=state)


def _plan(store: Store, alteration: Alteration, found: Found, changes: Mapping[str, Any]) -> Entry:
    entry, series = found.entry, found.series
    occurrence = series.recurrence.occurrence(entry.key)
    known = dict(entry.changes or {})
    own = of_the_task(changes)
    if _moves(changes):
        own["due"] = _due(series, known.get("due", occurrence.due), changes)
    if not own:
        return entry
    before = replace(series.template, **of_the_task(known))
    checked = referred(store, alteration.draft, before, replace(before, **of_the_task(own)))
    if own.keys() & set(THINGS):
        own |= {name: getattr(checked, name) for name in THINGS}
    planned = {**known, **own}
    is_moved = not ledger.is_on_time(planned.get("due", occurrence.due), occurrence)
    state = OccurrenceState.MOVED if is_moved else OccurrenceState.PLANNED
    changed = replace(entry, state=state, changes=planned)
    fields = changes_fields(planned)
    noted = {"state": state.value, "changes": fields, PEOPLE: people_in(fields)}
    if found.document is not None:
        alteration.change_entry(found.document, noted)
        return changed
    if len(series.planned) >= MAX_PLANNED:
        detail = f"At most {MAX_PLANNED} occurrences are changed before their time."
        raise InvalidArgument(detail, code="limit-exceeded", pointer="")
    alteration.create_entry(path_of(entry), {**entry_fields(changed, fields), **noted})
    new = ledger.changed(
        series, at=alteration.now, planned=tuple(sorted((*series.planned, entry.key)))
    )
    alteration.change_series(found.stored, new, before=series)
    return changed


def _moves(changes: Mapping[str, Any]) -> bool:
    return "date" in changes or "time" in changes


def _due(series: Series, due: Due, changes: Mapping[str, Any]) -> Due:
    home = series.recurrence.start.tz
    if series.recurrence.rule.freq is Freq.HOURLY and due.kind is DueKind.ZONED:
        # A person means day and time where the series is at home, not those of UTC.
        local = due.at.astimezone(zone(home))
        due = Due(due.kind, local.date(), local.time(), home)
    day: date = changes.get("date", due.day)
    at: time | None = changes.get("time", due.time)
    if at is None:
        return Due(DueKind.ALL_DAY, day, None, home)
    kind = DueKind.ZONED if due.time is None else due.kind
    keeps_zone = due.time is not None and "time" not in changes and kind is DueKind.ZONED
    return Due(kind, day, at, due.tz if keeps_zone else home)


def _without(series: Series, key: str) -> Recurrence:
    """Return its recurrence without an occurrence; room is made by those long passed."""
    recurrence, last = series.recurrence, series.recurrence.occurrence(series.last_key)
    left_out = sorted({*recurrence.exdates, key})
    while len(left_out) > MAX_EXCEPTIONS and recurrence.occurrence(left_out[0]).at < last.at:
        left_out.pop(0)
    return replace(recurrence, exdates=tuple(left_out))
