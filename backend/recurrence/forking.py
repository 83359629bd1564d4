"""This and the following: a series ends before an occurrence, and one of its own begins there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Fields
from backend.kit.errors import FailedPrecondition
from backend.recurrence import ledger
from backend.recurrence.alteration import Alteration
from backend.recurrence.desk import created_tasks
from backend.recurrence.documents import occurrence_path
from backend.recurrence.editing import retimed
from backend.recurrence.entries import Entry, coming
from backend.recurrence.following import Current, take_over
from backend.recurrence.making import Making
from backend.recurrence.naming import referred
from backend.recurrence.occurrence import INSTANT
from backend.recurrence.series import OccurrenceState, Series, SeriesState
from backend.recurrence.single import Found
from backend.recurrence.splitting import Split


class Forking:
    """Parts a series in two at one of its occurrences, open or to come."""

    def __init__(self, store: Store, making: Making) -> None:
        self._store = store
        self._making = making

    def fork(
        self, alteration: Alteration, found: Found, parts: Split, own: Mapping[str, Any]
    ) -> Entry:
        """
        Let a series become the two `parts`; return the entry of the new one's first occurrence.

        The new one takes over the task that is open, with the changes `own` of it, or begins with
        a task; and what was planned for those that are now its own.

        Raises:
            FailedPrecondition: later occurrences have tasks already, or it would begin with one
                while the series is paused.
            InvalidArgument: something newly named is not there.
        """
        old, draft = found.series, alteration.draft
        template = referred(self._store, draft, old.template, parts.after.template)
        after = replace(parts.after, template=template)
        if not found.entry.is_open:
            if old.paused_at is not None:  # The new one begins with a task.
                raise FailedPrecondition("A paused series makes no task: let it go on first.")
            alteration.change_series(found.stored, ledger.settled(parts.before), before=old)
            return self._begun(alteration, old, after)
        if found.entry.key != old.last_key:
            raise FailedPrecondition("Later ones have tasks already: change all, or one by one.")
        alteration.change_series(found.stored, _ended(old, parts.before, found.entry), before=old)
        current = Current(alteration, old)
        after = take_over(
            alteration, old, self._with_plans(alteration, old, after)[0], current, own
        )
        after = ledger.settled(after)
        alteration.begin_series(after)
        return replace(
            coming(after, after.recurrence.occurrence(after.last_key)),
            state=OccurrenceState.OPEN,
            task_id=after.latest_task_id,
        )

    def _begun(self, alteration: Alteration, old: Series, after: Series) -> Entry:
        after, plans = self._with_plans(alteration, old, after)
        first = after.recurrence.occurrence(after.last_key)
        after = ledger.settled(after)
        alteration.begin_series(after)
        made = self._making.occurrences(after, [first], by=alteration.draft.by, changes=plans)
        alteration.outbox.writes += made
        alteration.touched += created_tasks(made)
        entry = coming(after, first)
        return replace(entry, state=OccurrenceState.OPEN, task_id=after.latest_task_id)

    def _with_plans(
        self, alteration: Alteration, old: Series, after: Series
    ) -> tuple[Series, dict[str, Fields]]:
        """Let plans move to the new series where it has that occurrence; return them by key."""
        draft = alteration.draft
        paths = {key: occurrence_path(old.workspace_id, old.id, key) for key in after.planned}
        draft.read(paths.values())
        starts, plans = (old.recurrence.start, after.recurrence.start), {}
        for key, path in paths.items():
            stored = draft.document(path)
            if stored is None:
                continue
            alteration.remove_entry(stored)
            same = retimed(key, *starts)
            if not after.recurrence.has(same):
                continue
            plans[same] = stored.fields.get("changes") or {}
            if same != after.last_key:
                at = after.recurrence.occurrence(same).at
                fields = {**stored.fields, "key": same, "scheduledAt": at}
                alteration.create_entry(occurrence_path(old.workspace_id, after.id, same), fields)
        planned = tuple(sorted(key for key in plans if key != after.last_key))
        return replace(after, planned=planned), plans


def _ended(old: Series, before: Series, entry: Entry) -> Series:
    """Return the former part of a series whose open occurrence is another's now."""
    at = old.recurrence.occurrence(entry.key).at
    previous = old.recurrence.previous(at - INSTANT)
    last_key = entry.after or (previous.key if previous else old.last_key)
    return ledger.settled(replace(before, state=SeriesState.ENDED, last_key=last_key))
