"""
What a series does next: which occurrences have tasks, and which passed without. Pure.

Of a fixed series that skips or catches up with the latest, one task is open at a time: closing it,
in whatever way, brings the next. Where all are to come, each comes at its own time, and early once
the one before is closed. Nothing here ever goes back: what comes lies after what was made last.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import start_of_day, zone
from backend.recurrence.model import Occurrence, Recurrence
from backend.recurrence.occurrence import INSTANT
from backend.recurrence.series import (
    CatchUp,
    Missed,
    Mode,
    OccurrenceState,
    Series,
    SeriesState,
    TaskTemplate,
)
from backend.tasks.due import Due
from backend.tasks.model import Status, Task

MOST_MISSED = 100  # Of more, the ledger has one entry for them all.


@dataclass(frozen=True, slots=True)
class Turn:
    """The series as it will be, the occurrences that get tasks, and those that are recorded."""

    series: Series
    makes: tuple[Occurrence, ...] = ()
    misses: tuple[Missed, ...] = ()


def settled(series: Series) -> Series:
    """
    Return it with what follows from the rest: `next_at`, and without the keys that were passed.

    For whoever has changed its rule, its mode, or what was made last.
    """
    last = series.recurrence.occurrence(series.last_key)
    following = None
    if series.is_running and series.mode is Mode.FIXED:
        following = series.recurrence.after(last.at)
    planned = tuple(key for key in series.planned if series.recurrence.occurrence(key).at > last.at)
    next_at = following.at if following else None
    task_ids = tuple(
        each for each in series.task_ids if series.recurrence.occurrence(each[0]).at >= last.at
    )
    return replace(series, next_at=next_at, planned=planned, task_ids=task_ids)


def begun(
    series_id: str,
    workspace_id: str,
    template: TaskTemplate,
    recurrence: Recurrence,
    *,
    mode: Mode,
    catch_up: CatchUp,
    by: str,
    at: datetime,
) -> Series:
    """
    Return a new series, which has made its first occurrence.

    Raises:
        InvalidArgument: the rule never comes to pass, or does not count from completion where it
            should (`invalid-recurrence`), or too many would come at once (`limit-exceeded`).
    """
    if mode is Mode.AFTER_COMPLETION:
        recurrence.check_counts_from_completion()
    series = Series(
        id=series_id,
        workspace_id=workspace_id,
        template=template,
        recurrence=recurrence,
        mode=mode,
        state=SeriesState.ACTIVE,
        last_key=recurrence.first().key,
        created_at=at,
        created_by=by,
        updated_at=at,
        rev=1,
        catch_up=catch_up,
    )
    check_not_far_behind(series, at)
    return settled(series)


def changed(series: Series, *, at: datetime, **changes: Any) -> Series:
    """Return it with these fields changed, settled, at its next revision."""
    return settled(replace(series, **changes, updated_at=at, rev=series.rev + 1))


def closed(series: Series, key: str, closed_at: datetime, *, at: datetime) -> Turn | None:
    """
    Return what follows once the task of `key` was closed at `closed_at`; None: nothing.

    Nothing while the series is paused or has ended, and if a later one was made already: a task
    closed a second time leads to nothing. A series to which nothing more can come ends.
    """
    if not series.is_running or key != series.last_key:
        return None
    if series.mode is Mode.AFTER_COMPLETION:
        found = series.recurrence.after_completion(closed_at, done=key)
        return _made(series, (found,) if found else (), (), at=at)
    if series.catch_up is CatchUp.ALL:
        found = series.recurrence.after(series.recurrence.occurrence(key).at)
        return _made(series, (found,) if found else (), (), at=at)
    return _caught_up(series, closed_at, latest=series.catch_up is CatchUp.LATEST, at=at)


def came(series: Series, now: datetime, *, most: int) -> Turn | None:
    """
    Return what follows once it is time for the next, where all are to come; None: nothing.

    Each comes at its own time, or ahead of it by what its reminders need. Of what a time without
    service has left behind come no more than `most`, the oldest first.
    """
    if not series.is_running or not makes_on_time(series):
        return None
    last = series.recurrence.occurrence(series.last_key)
    found = series.recurrence.between(last.at, now + series.template.lead, most)
    return _made(series, tuple(found), (), at=now) if found else None


def makes_on_time(series: Series) -> bool:
    """Whether tasks come at their own time, though the one before may not be closed."""
    return series.mode is Mode.FIXED and series.catch_up is CatchUp.ALL


def check_not_far_behind(series: Series, now: datetime) -> None:
    """
    Check that it does not begin by making up for years: where all are to come, for `MOST_MISSED`.

    For whoever begins a series, or changes when and whether its tasks come.

    Raises:
        InvalidArgument: `limit-exceeded` (`/start`); more of them have passed.
    """
    if not makes_on_time(series):
        return
    last = series.recurrence.occurrence(series.last_key)
    if len(series.recurrence.between(last.at, now, MOST_MISSED + 1)) > MOST_MISSED:
        detail = f"More than {MOST_MISSED} tasks would come at once: start later."
        raise InvalidArgument(detail, code="limit-exceeded", pointer="/start")


def resumed(series: Series, last_closed: datetime | None, *, at: datetime) -> Turn:
    """
    Return what follows once it makes tasks again after a pause.

    `last_closed` is when the task made last was closed, or None if it is still to be done: then
    nothing comes now, but where all are to come. What passed in the pause is caught up with as
    the series says; one counted from completion that does not catch up counts from now at least.
    """
    running = changed(series, at=at, paused_at=None)
    if last_closed is None:
        return Turn(running)
    found = closed(running, running.last_key, at if _is_fixed(running) else last_closed, at=at)
    if found is None:
        return Turn(running)
    is_past = any(each.at < at for each in found.makes)
    if is_past and not _is_fixed(running) and running.catch_up is CatchUp.SKIP:
        found = closed(running, running.last_key, at, at=at) or found
    # One change of the series, not two.
    return replace(found, series=replace(found.series, rev=running.rev))


def passed_over(series: Series, *, at: datetime) -> Turn | None:
    """
    Return what follows once the task made last is put aside with all that was missed; or None.

    The first still to come is made, whatever the series' way of catching up.
    """
    if not series.is_running:
        return None
    if not _is_fixed(series):
        return closed(series, series.last_key, at, at=at)
    return _caught_up(series, at, latest=False, at=at)


def reopened(series: Series, key: str, *, at: datetime) -> Series | None:
    """Return a series that had come to its end with `key`, not ended any more; else None."""
    if series.state is SeriesState.ACTIVE or key != series.last_key:
        return None
    active = replace(series, state=SeriesState.ACTIVE)
    turn = closed(replace(active, paused_at=None), key, at, at=at)
    # One that somebody has ended while more could come stays so.
    return changed(active, at=at) if turn is not None and not turn.makes else None


def standing(task: Task) -> OccurrenceState:
    """Return what a task says of its occurrence: open, done, or put aside and so skipped."""
    if task.status is Status.DONE:
        return OccurrenceState.DONE
    is_to_be_done = task.status is not Status.CANCELLED and task.is_live
    return OccurrenceState.OPEN if is_to_be_done else OccurrenceState.SKIPPED


def state_of(task: Task, occurrence: Occurrence) -> OccurrenceState:
    """Return what the ledger says of an occurrence with this task: `standing`, or moved."""
    found = standing(task)
    is_moved = found is OccurrenceState.OPEN and not is_on_time(task.due, occurrence)
    return OccurrenceState.MOVED if is_moved else found


def closed_at(task: Task) -> datetime:
    """Return when somebody has closed a task that is closed."""
    if task.status is Status.DONE:
        return task.completed_at or task.updated_at
    return task.updated_at


def is_on_time(due: Due | None, occurrence: Occurrence) -> bool:
    """Return whether a due date is that of an occurrence, in whatever zone it is meant."""
    meant = occurrence.due
    if due is None or due.kind is not meant.kind:
        return False
    # The zone of an all-day date follows who is to do it.
    return due.day == meant.day if meant.time is None else due.at == meant.at


def passed_until(series: Series, moment: datetime) -> datetime:
    """Return up to when what began has passed: a whole day has when it is over."""
    start = series.recurrence.start
    if start.time is not None:
        return moment
    return start_of_day(moment.astimezone(zone(start.tz)).date(), start.tz) - INSTANT


def _caught_up(series: Series, until: datetime, *, latest: bool, at: datetime) -> Turn:
    recurrence = series.recurrence
    since = recurrence.occurrence(series.last_key).at
    found = recurrence.previous(until) if latest else None
    if found is None or found.at <= since:
        found = recurrence.after(max(since, passed_until(series, until)))
    last = min(found.at, until) if found else until
    missed = recurrence.between(since, last, MOST_MISSED + 1)
    if found is not None:
        missed = [each for each in missed if each.at < found.at]
    return _made(series, (found,) if found else (), _recorded(series, missed, last), at=at)


def _recorded(series: Series, missed: list[Occurrence], last: datetime) -> tuple[Missed, ...]:
    if len(missed) <= MOST_MISSED:
        return tuple(map(Missed, missed))
    through = series.recurrence.previous(last - INSTANT)
    return (Missed(missed[0], through.key if through else missed[-1].key),)


def _made(
    series: Series, found: tuple[Occurrence, ...], missed: tuple[Missed, ...], *, at: datetime
) -> Turn:
    if not found:
        return Turn(changed(series, at=at, state=SeriesState.ENDED), (), missed)
    return Turn(changed(series, at=at, last_key=found[-1].key), found, missed)


def _is_fixed(series: Series) -> bool:
    return series.mode is Mode.FIXED
