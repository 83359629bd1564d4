"""What editing makes of a series, and of the occurrence that is open meanwhile. Pure."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from backend.kit.errors import Stale
from backend.kit.wallclock import start_of_day, zone
from backend.recurrence.ledger import check_not_far_behind
from backend.recurrence.model import Occurrence, Recurrence
from backend.recurrence.occurrence import INSTANT, KeyKind, Start, occurrence_of, read_key
from backend.recurrence.rule_text import Freq
from backend.recurrence.series import Mode, Series, TaskTemplate
from backend.tasks.due import Due, DueKind
from backend.tasks.model import Task

TEMPLATE = frozenset(field.name for field in fields(TaskTemplate))
TIMING = frozenset({"rule", "start", "mode", "rdates", "exdates"})
# What an open task has from its template, field by field; what belongs together follows together.
FOLLOWING = (
    ("title",),
    ("description",),
    ("priority",),
    ("assignee_ids",),
    ("watcher_ids",),
    ("label_ids",),
    ("project_id", "board_id", "list_id"),
    ("reminders",),
    ("checklist",),
    ("estimate_min",),
)


def edited(
    series: Series, changes: Mapping[str, Any], *, at: datetime, expected_rev: int | None = None
) -> Series:
    """
    Return a series with these changed, or itself if they change nothing.

    `changes` holds fields of `TaskTemplate` and `rule`, `start` or its `time` alone, `mode`,
    `catch_up`, `rdates` and `exdates`. Where the time of day moves, exceptions that are not among
    the changes move along.

    Raises:
        Stale: the series is no longer at `expected_rev`.
        InvalidArgument: the rule would never come round (`invalid-recurrence`), or too many would
            come at once (`limit-exceeded`).
    """
    if expected_rev not in (None, series.rev):
        detail = f"The series is at revision {series.rev}, not {expected_rev}."
        raise Stale(detail, current=series)
    inside = {name: value for name, value in changes.items() if name in TEMPLATE}
    changed = replace(
        series,
        template=replace(series.template, **inside),
        recurrence=_recurrence(series.recurrence, changes),
        mode=changes.get("mode", series.mode),
        catch_up=changes.get("catch_up", series.catch_up),
    )
    if changed.mode is Mode.AFTER_COMPLETION:
        changed.recurrence.check_counts_from_completion()
    if changed == series:
        return series
    if is_retimed(series, changed) or series.catch_up is not changed.catch_up:
        check_not_far_behind(changed, at)
    return replace(changed, updated_at=at, rev=series.rev + 1)


def is_retimed(old: Series, new: Series) -> bool:
    """Say whether the occurrences of a series come at other times than they did."""
    return (old.recurrence, old.mode) != (new.recurrence, new.mode)


def retimed(key: str, old: Start, new: Start) -> str:
    """
    Return the key of an occurrence once the start's time of day is another.

    One at a time of its own keeps that, unless all are all day now. Keys of hourly rules stay.
    """
    kind, day, at = read_key(key)
    if kind is KeyKind.UTC:
        return key
    has_its_own = at is not None and at != old.time and new.time is not None
    return key_of(replace(new, day=day, time=at if has_its_own else new.time))


def key_of(start: Start) -> str:
    """Return the key of an occurrence at a local day and time."""
    day = start.day.strftime("%Y%m%d")
    return day if start.time is None else f"{day}T{start.time:%H%M}"


def becoming(
    old: Series, new: Series, key: str, *, after: str | None, now: datetime
) -> Occurrence | None:
    """
    Return what the open occurrence of `key` becomes when a series is retimed; None if nothing.

    It stays on its day wherever that is still a day of the rule. If not it moves to the next one
    that is; never to one before that of `after`, the occurrence it follows. Where the series
    itself starts on another day the open one begins anew from there, or from today.
    """
    hours = {each.recurrence.rule.freq is Freq.HOURLY for each in (old, new)}
    starts_anew = old.recurrence.start.day != new.recurrence.start.day
    if len(hours) > 1 or (starts_anew and new.mode is Mode.FIXED):
        return _first_from(new, _floor(old, key, now), after=after)
    same = retimed(key, old.recurrence.start, new.recurrence.start)
    there = new.recurrence.occurrence(same)
    if new.mode is Mode.AFTER_COMPLETION or new.recurrence.has(same):
        return there
    return _first_from(new, start_of_day(there.day, there.tz), after=after)


def followed(task: Task, old: TaskTemplate, new: TaskTemplate) -> dict[str, Any]:
    """
    Return how a task of a series follows its template, as the `changes` of `Task.edited`.

    What somebody has made of the task itself stays.
    """
    changes: dict[str, Any] = {}
    for names in FOLLOWING:
        before, after = _values(old, names), _values(new, names)
        if before != after and _values(task, names) == before:
            changes |= dict(zip(names, after, strict=True))
    return changes


def is_due_as(task: Task, occurrence: Occurrence) -> bool:
    """
    Say whether a task is due just as its occurrence is.

    In which zone a day begins is settled by who is to do it, so an all-day one has any zone.
    """
    return task.due is not None and _meant(task.due) == _meant(occurrence.due)


def _meant(due: Due) -> tuple[Any, ...]:
    return due.kind, due.day, due.time, None if due.kind is DueKind.ALL_DAY else due.tz


def _recurrence(old: Recurrence, changes: Mapping[str, Any]) -> Recurrence:
    rule, start = changes.get("rule", old.rule), changes.get("start", old.start)
    start = replace(start, time=changes.get("time", start.time))
    if (rule.freq is Freq.HOURLY) != (old.rule.freq is Freq.HOURLY):
        kept: dict[str, tuple[str, ...]] = {"rdates": (), "exdates": ()}  # Of another kind.
    else:
        kept = {
            name: tuple(retimed(key, old.start, start) for key in getattr(old, name))
            for name in ("rdates", "exdates")
        }
    given = {name: tuple(changes[name]) for name in kept if name in changes}
    kept["rdates"] = tuple(
        key for key in kept["rdates"] if occurrence_of(read_key(key), start.tz).at >= start.at
    )
    changed = Recurrence(rule, start, **{**kept, **given})
    if changed != old:
        changed.first()  # Not everything may be left out.
    return changed


def _floor(old: Series, key: str, now: datetime) -> datetime:
    """Return the start of the day from which the open occurrence is looked for anew."""
    tz = old.recurrence.start.tz
    at = min(now, old.recurrence.occurrence(key).at)
    return start_of_day(at.astimezone(zone(tz)).date(), tz)


def _first_from(series: Series, at: datetime, *, after: str | None) -> Occurrence | None:
    recurrence = series.recurrence
    if after is not None:
        at = max(at, recurrence.occurrence(after).at + INSTANT)
    return recurrence.after(at - INSTANT)


def _values(of: object, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(of, name) for name in names)
