"""Splitting a series at one of its occurrences (RFC 5545, 3.2.13: this and the following). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import zone
from backend.recurrence.editing import edited
from backend.recurrence.model import Occurrence, Recurrence
from backend.recurrence.occurrence import INSTANT, Start
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import invalid
from backend.recurrence.series import Mode, Series, SeriesState

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Split:
    """
    A series up to an occurrence, and the one that begins with it.

    Whether the former has anything left to make is its caller's to say.
    """

    before: Series
    after: Series


def split(
    series: Series, key: str, changes: Mapping[str, Any], *, new_id: str, by: str, at: datetime
) -> Split | None:
    """
    Return a series split at an occurrence; None: it is its first, so that all of it follows.

    The new one counts from that occurrence, keeps what is left of COUNT, and takes the exceptions
    from there on along. `changes` are as of `edited`, and made to the new one alone.

    Raises:
        InvalidArgument: the occurrence was added to the rule and stands alone, or the new series
            would never come round (`invalid-recurrence`).
    """
    whole = series.recurrence
    there = whole.occurrence(key)
    is_picked = series.mode is Mode.AFTER_COMPLETION or _alone(whole).has(key)
    if not is_picked and "rule" not in changes:
        raise invalid("This one was added to the rule, and none follows it.", pointer="/rule")
    before = _before(whole, there)
    if before is None:
        return None
    moved = {name: value for name, value in changes.items() if name not in ("rdates", "exdates")}
    recurrence = _from(whole, there, changes)
    after = replace(
        series,
        id=new_id,
        recurrence=recurrence,
        state=SeriesState.ACTIVE,
        planned=tuple(each for each in series.planned if whole.occurrence(each).at >= there.at),
        follows=series.id,
        created_at=at,
        created_by=by,
        updated_at=at,
    )
    after = replace(edited(after, moved, at=at), rev=1)
    first = after.recurrence.first()
    planned = tuple(each for each in series.planned if each not in after.planned)
    return Split(
        before=replace(
            series, recurrence=before, planned=planned, updated_at=at, rev=series.rev + 1
        ),
        after=replace(after, last_key=first.key),
    )


def shifted(
    series: Series, key: str, changes: Mapping[str, Any], *, is_whole: bool = False
) -> dict[str, Any]:
    """
    Return changes of one occurrence, `date` and `time`, as those of the start of all from it on.

    `is_whole`: of the whole series, which can only move to another day with its last occurrence.

    Raises:
        InvalidArgument: it moves to another day, and the rule, which is not among the changes,
            names days, or others are before it in the whole.
    """
    recurrence, moved = series.recurrence, dict(changes)
    there = recurrence.occurrence(key)
    here = _at_home(recurrence, there)
    day, at = moved.pop("date", None), moved.pop("time", here.time)
    has_other_day = day is not None and day != here.day
    if has_other_day and "rule" not in moved and not recurrence.rule.is_interval_only:
        raise InvalidArgument(
            "The rule names its days: send the one that is to hold, too.", pointer="/date"
        )
    if has_other_day and is_whole and key != series.last_key:
        raise InvalidArgument(
            "All move with the one that is open, or those that follow with this.", pointer="/date"
        )
    if not has_other_day:
        day = recurrence.start.day if is_whole else here.day
    elif is_whole and "rule" not in moved:
        moved["rule"] = _left(recurrence, there)
    if has_other_day or at != here.time:
        moved["start"] = Start(day, at, here.tz)
    return moved


def _alone(whole: Recurrence) -> Recurrence:
    return Recurrence(whole.rule, whole.start)


def _before(whole: Recurrence, there: Occurrence) -> Recurrence | None:
    """Return what comes before an occurrence; None if nothing does."""
    if whole.previous(there.at - INSTANT) is None:
        return None
    rule, last_day = whole.rule, there.day - timedelta(days=1)
    if _alone(whole).after(there.at - INSTANT) is not None:
        until = last_day if there.time is None else there.at - SECOND
        rule = replace(rule, count=None, until=until)
    dates = {
        name: tuple(key for key in getattr(whole, name) if whole.occurrence(key).at < there.at)
        for name in ("rdates", "exdates")
    }
    return Recurrence(rule, whole.start, **dates)


def _from(whole: Recurrence, there: Occurrence, changes: Mapping[str, Any]) -> Recurrence:
    dates = {
        name: tuple(
            changes.get(
                name,
                (key for key in getattr(whole, name) if whole.occurrence(key).at >= there.at),
            )
        )
        for name in ("rdates", "exdates")
    }
    return Recurrence(_left(whole, there), _start_at(whole, there), **dates)


def _left(whole: Recurrence, there: Occurrence) -> Rule:
    """Return the rule from an occurrence on, with what is then left of its COUNT."""
    rule = whole.rule
    if rule.count is None:
        return rule
    passed = _alone(whole).between(whole.start.at - INSTANT, there.at - INSTANT, rule.count)
    return replace(rule, count=max(rule.count - len(passed), 1))


def _start_at(whole: Recurrence, there: Occurrence) -> Start:
    """Return the start of what counts from an occurrence on, in the zone of the whole."""
    here = _at_home(whole, there)
    if there.in_utc and here.at != there.at:  # An hour that clocks show twice.
        return Start(there.day, there.time, there.tz)
    return here


def _at_home(whole: Recurrence, there: Occurrence) -> Start:
    """Return the local day of an occurrence and its time: those of an hourly one are UTC's."""
    if not there.in_utc:
        return Start(there.day, whole.start.time, whole.start.tz)
    local = there.at.astimezone(zone(whole.start.tz))
    return Start(local.date(), local.time().replace(fold=0), whole.start.tz)
