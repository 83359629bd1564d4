"""In whose zone a due date is meant that names a day, or a time wherever the person is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.accounts.documents import account_path
from backend.adapters.firestore import Store
from backend.kit.documents import Change, Create, Stored, Write
from backend.kit.errors import InvalidArgument
from backend.kit.ids import derived_id
from backend.kit.wallclock import zone
from backend.tasks.model import Task
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox

# What accounts begin with: it tells nothing about where somebody is.
UNSAID = "UTC"


class Zones:
    """Looks up where the person is who should do a task."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def following(self, old: Task | None, task: Task) -> Task:
        """
        Return a task due in the zone of the person who should do it; itself if that is so.

        Reads the person's account, and that only where the due date, the person, or whether there
        is anything to do differ from `old`, the state last reacted to.
        """
        if task.due is None or not task.due.travels or not _asks_anew(old, task):
            return task
        account = self._store.get(account_path(person_of(task)))
        tz = zone_of(account.fields) if account is not None else None
        return task if tz is None else in_zone(task, tz)


def person_of(task: Task) -> str:
    """Return in whose zone a task is due: the first of those assigned, or else who made it."""
    return task.assignee_ids[0] if task.assignee_ids else task.created_by


def in_zone(task: Task, tz: str) -> Task:
    """Return a task due in a zone, not settled yet; itself if it is, or has no such due date."""
    if task.due is None or not task.due.travels or task.due.tz == tz:
        return task
    return replace(task, due=replace(task.due, tz=tz))


def zone_of(account: Mapping[str, Any]) -> str | None:
    """Return the zone that somebody has set in their account; None if they have set none."""
    name = account.get("timezone")
    try:
        known = zone(name).key
    except InvalidArgument:  # Apps write it: the rules look at its letters only.
        return None
    return None if known == UNSAID else known


def zone_shadow_path(uid: str) -> str:
    """Return where it stands in which zone somebody's tasks are due already."""
    return f"shadows/{derived_id('zone', uid)}"


def following_zone(uid: str, account: Stored, shadow: Stored | None, now: datetime) -> Outbox:
    """Return what has somebody's open tasks follow them, unless they do; guarded by the shadow."""
    outbox = Outbox()
    tz = zone_of(account.fields)
    if tz is None or (shadow is not None and shadow.fields["timezone"] == tz):
        return outbox
    fields = {"uid": uid, "timezone": tz}
    write: Write = Change(shadow, fields) if shadow else Create(zone_shadow_path(uid), fields)
    outbox.writes.append(write)
    # One for each change: it must not wait for the job of the one before.
    timer_id = derived_id(TimerKind.REZONING.value, uid, tz, now.isoformat())
    outbox.set(Timer(timer_id, TimerKind.REZONING, {"uid": uid}, now), now)
    return outbox


def _asks_anew(old: Task | None, task: Task) -> bool:
    if not task.is_open:
        return False
    if old is None or not old.is_open or old.due != task.due:
        return True
    return person_of(old) != person_of(task)
