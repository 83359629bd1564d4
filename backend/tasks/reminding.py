"""When the reminders of a task fall due. Pure: instants only, no clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from backend.tasks.details import Anchor, Reminder, ReminderKind
from backend.tasks.model import Task


class Moment(NamedTuple):
    """An instant at which somebody is to be reminded; `uid` None: those who should do the task."""

    at: datetime
    uid: str | None


def moments(task: Task) -> frozenset[Moment]:
    """
    Return when whom to remind of a task, each once: of one that is closed or put away, nobody.

    What is relative to a date that the task does not have comes to nothing until it has one.
    Minutes are minutes: a day before is 1,440 of them, also across a change of the clocks.
    """
    if not task.is_open:
        return frozenset()
    found = ((instant_of(each, task), each.uid) for each in task.reminders)
    return frozenset(Moment(at, uid) for at, uid in found if at is not None)


def instant_of(reminder: Reminder, task: Task) -> datetime | None:
    """Return when a reminder of a task falls due; None: its date is not set."""
    if reminder.kind is ReminderKind.ABSOLUTE:
        return reminder.at
    # From what was meant: an app may not have written the instant that follows from it.
    due_at = task.due.at if task.due else None
    anchor = due_at if reminder.anchor is Anchor.DUE else task.start_at
    return anchor and anchor - timedelta(minutes=reminder.minutes_before or 0)


def first_after(found: Iterable[Moment], instant: datetime) -> datetime | None:
    """Return the first instant of these moments behind another; None if there is none."""
    return min((each.at for each in found if each.at > instant), default=None)
