"""The heart of the reactor: from two states of a task to what must follow."""

from datetime import date, datetime

from backend.kit.actor import SYSTEM_UID
from backend.kit.ranks import LONG_RANK
from backend.reactions.model import (
    Consequence,
    Count,
    EventType,
    Happened,
    SetTimer,
    TurnSeries,
)
from backend.reactions.totals import moved
from backend.recurrence.ledger import standing
from backend.recurrence.series import OccurrenceState
from backend.tasks.due import DueKind
from backend.tasks.model import Task
from backend.timers.model import TimerKind

Stands = tuple[OccurrenceState, date | None]


def difference(old: Task | None, task: Task) -> list[Consequence]:
    """
    List what must follow from `task`, given the state last reacted to (None: never seen).

    Pure: no clock, no reads. A doorbell that rings late or twice gets an empty list.
    """
    if old is not None and task.rev <= old.rev:
        return []
    return [
        *_events(old, task),
        *_counts(old, task),
        *_timers(old, task),
        *_series(old, task),
    ]


def _events(old: Task | None, task: Task) -> list[Happened]:
    found = [
        *_beginning(old, task),
        *_progress(old, task),
        *_places(old, task),
        *_lateness(old, task),
    ]
    return found or [Happened(EventType.EDITED)]


def _beginning(old: Task | None, task: Task) -> list[Happened]:
    found = []
    if old is None:
        found.append(Happened(EventType.CREATED))
    added = set(task.assignee_ids) - set(old.assignee_ids if old else ())
    # Who is assigned to a series is told once, not again by each occurrence.
    if added and task.updated_by != SYSTEM_UID:
        found.append(Happened(EventType.ASSIGNED, _without_actor(added, task)))
    return found


def _progress(old: Task | None, task: Task) -> list[Happened]:
    found = []
    concerned = {*task.assignee_ids, *task.watcher_ids, task.created_by}
    if old is not None and task.status is not old.status:
        happened = EventType.COMPLETED if task.is_done else EventType.STATUS_CHANGED
        found.append(Happened(happened, _without_actor(concerned, task)))
    return found


def _places(old: Task | None, task: Task) -> list[Happened]:
    """Where it is: told to nobody, since nobody has anything to do for it."""
    found = []
    if old is not None and _place(task) != _place(old):
        found.append(EventType.MOVED)
    found += _put_away(EventType.ARCHIVED, EventType.UNARCHIVED, old, task, "archived_at")
    found += _put_away(EventType.DELETED, EventType.RESTORED, old, task, "deleted_at")
    return [Happened(each) for each in found]


def _place(task: Task) -> tuple[str | None, ...]:
    # Another rank among the same neighbours is an edit: drags are many, and tell nobody anything.
    return task.project_id, task.board_id, task.list_id, task.parent_id


def _put_away(
    away: EventType, back: EventType, old: Task | None, task: Task, field: str
) -> list[EventType]:
    before, after = old is not None and getattr(old, field), getattr(task, field)
    if bool(before) == bool(after):
        return []
    return [away if after else back]


def _lateness(old: Task | None, task: Task) -> list[Happened]:
    if not task.is_overdue or (old is not None and old.is_overdue):
        return []
    # Done, opened again and late again is still late for the same date.
    cause = task.due.mark if task.due else None
    return [Happened(EventType.OVERDUE, tuple(sorted(responsible(task))), cause)]


def responsible(task: Task) -> set[str]:
    """Return who should do the task: its assignees, or else who made it."""
    return set(task.assignee_ids) or {task.created_by}


def _without_actor(people: set[str], task: Task) -> tuple[str, ...]:
    return tuple(sorted(people - {task.updated_by}))


def _counts(old: Task | None, task: Task) -> list[Count]:
    changed = moved(old, task)
    return [Count(changed)] if changed else []


def _timers(old: Task | None, task: Task) -> list[SetTimer]:
    wanted = {TimerKind.TRASH: _purge_at, TimerKind.RANKS: _mend_at}
    timers = [
        SetTimer(kind, fire_at(task))
        for kind, fire_at in wanted.items()
        if fire_at(task) != (fire_at(old) if old else None)
    ]
    due = [*_overdue(old, task), *_due_soon(old, task)]
    return [*due, *timers, *_escalation(old, task), *_closing(old, task)]


def _overdue(old: Task | None, task: Task) -> list[SetTimer]:
    before, after = _overdue_at(old) if old else None, _overdue_at(task)
    # Closed and opened again between two looks, it was perhaps not late when its alarm came.
    is_past = after is not None and after <= task.updated_at
    return [SetTimer(TimerKind.OVERDUE, after)] if is_past or after != before else []


def _due_soon(old: Task | None, task: Task) -> list[SetTimer]:
    before, after = _due_soon_at(old) if old else None, _due_soon_at(task)
    is_same = task.is_open and task.due is not None and task.due.due_soon_at == before
    # Where it is the same and has passed, its alarm is late: an edit does not pass it over.
    return [] if is_same or after == before else [SetTimer(TimerKind.DUE_SOON, after)]


def _escalation(old: Task | None, task: Task) -> list[SetTimer]:
    was_overdue = old is not None and old.is_overdue
    if was_overdue == task.is_overdue:
        return []
    if not task.is_overdue:
        return [SetTimer(TimerKind.ESCALATION, None)]
    if old is not None and task.updated_by == SYSTEM_UID:
        return []  # Who flags a task sets its timer.
    # What comes overdue already, by an undo or from elsewhere, has one that asks the settings.
    return [SetTimer(TimerKind.ESCALATION, task.due_at)]


def _closing(old: Task | None, task: Task) -> list[SetTimer]:
    """What asked somebody for it is taken off their devices, if anybody was asked."""
    if old is None or not old.is_open or task.is_open:
        return []
    was_due = old.due is not None and old.due.due_soon_at <= task.updated_at
    has_asked = old.assignee_ids or old.reminders or was_due
    return [SetTimer(TimerKind.TASK_CLOSED, task.updated_at)] if has_asked else []


def _overdue_at(task: Task) -> datetime | None:
    return task.due_at if task.is_open and not task.is_overdue else None


def _due_soon_at(task: Task) -> datetime | None:
    # What falls due sooner than the notice would come is not announced: it was just written.
    if task.due is None or not task.is_open or task.due.due_soon_at <= task.updated_at:
        return None
    return task.due.due_soon_at


def _mend_at(task: Task) -> datetime | None:
    # A rank that an app has made long: the job gives it, and perhaps neighbours, shorter ones.
    return task.updated_at if len(task.rank or "") > LONG_RANK and task.is_live else None


def _purge_at(task: Task) -> datetime | None:
    return task.purge_at


def _series(old: Task | None, task: Task) -> list[TurnSeries]:
    is_open = standing(task) is OccurrenceState.OPEN
    is_as_before = is_open if old is None else _stands(task) == _stands(old)
    if task.series_id is None or is_as_before:
        return []
    was_closed = old is not None and standing(old) is not OccurrenceState.OPEN
    return [TurnSeries(reopened=is_open and was_closed)]


def _stands(task: Task) -> Stands:
    """Return how the task of an occurrence stands, and when it is due while it is to be done."""
    state = standing(task)
    if state is not OccurrenceState.OPEN or task.due is None:
        return state, None
    # The zone of a day follows who is to do the task.
    return state, task.due.day if task.due.kind is DueKind.ALL_DAY else task.due.at
