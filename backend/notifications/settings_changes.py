"""Changing what somebody wants to be told of: merge patches (RFC 7396). Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from backend.kit.errors import InvalidArgument
from backend.notifications.model import Category, Channel
from backend.notifications.preferences import Level, Preferences, Weekly
from backend.notifications.quiet import QuietSpan

# As in firestore.rules.
MOST_WORKSPACES, LONGEST_BUNDLE_MINUTES = 200, 60

Changes = Mapping[str, Any]


def changed(before: Preferences, changes: Changes) -> Preferences:
    """
    Return preferences with these changes; themselves if they change nothing. `rev` stays.

    `changes` are `matrix` by category and channel, `quiet_hours` by weekday ("1" is Monday),
    `urgent_passes`, `bundle_minutes`, `digests` and `workspaces` by id. Whatever is left out stays;
    None takes a value away, at each level: it is then as it is for somebody who has chosen nothing.

    Raises:
        InvalidArgument: half a time span or half a weekly time would be left, or too many
            workspaces.
    """
    after = replace(
        before,
        matrix=_part(changes, "matrix", before.matrix, _matrix),
        quiet_hours=_part(changes, "quiet_hours", before.quiet_hours, _quiet_hours),
        urgent_passes=_flat(changes, "urgent_passes", before),
        bundle_minutes=_flat(changes, "bundle_minutes", before),
        workspaces=_part(changes, "workspaces", before.workspaces, _workspaces),
    )
    if "digests" in changes:
        after = _digests(after, changes["digests"])
    return before if after == before else after


def _flat(changes: Changes, name: str, before: Preferences) -> Any:
    value = changes.get(name, getattr(before, name))
    return getattr(Preferences(), name) if value is None else value


def _part(changes: Changes, name: str, before: Mapping[Any, Any], merged: Any) -> Any:
    if name not in changes:
        return before
    wanted = changes[name]
    return {} if wanted is None else merged(before, wanted)


def _matrix(
    before: Mapping[Category, Mapping[Channel, bool]], wanted: Changes
) -> dict[Category, Mapping[Channel, bool]]:
    rows: dict[Category, Mapping[Channel, bool]] = dict(before)
    for name, row in wanted.items():
        category = Category(name)
        chosen = _merged(
            rows.get(category, {}),
            None if row is None else {Channel(channel): is_on for channel, is_on in row.items()},
        )
        rows[category] = chosen
    return {category: row for category, row in rows.items() if row}


def _quiet_hours(before: Mapping[int, QuietSpan], wanted: Changes) -> dict[int, QuietSpan]:
    days = dict(before)
    for name, span in wanted.items():
        day = int(name)
        if span is None:
            days.pop(day, None)
            continue
        former = days.get(day)
        times = {} if former is None else {"start": former.start, "end": former.end}
        times = _whole({**times, **span}, ("start", "end"), f"/quietHours/{day}")
        days[day] = QuietSpan(**times)
    return days


def _digests(before: Preferences, wanted: Changes | None) -> Preferences:
    if wanted is None:
        return replace(before, daily=None, weekly=None)
    daily: time | None = wanted.get("daily", before.daily)
    weekly = before.weekly
    if "weekly" in wanted:
        weekly = _weekly(before.weekly, wanted["weekly"])
    return replace(before, daily=daily, weekly=weekly)


def _weekly(before: Weekly | None, wanted: Changes | None) -> Weekly | None:
    if wanted is None:
        return None
    former = {} if before is None else {"day": before.day, "time": before.time}
    return Weekly(**_whole({**former, **wanted}, ("day", "time"), "/digests/weekly"))


def _workspaces(before: Mapping[str, Level], wanted: Changes) -> dict[str, Level]:
    levels = _merged(before, wanted)
    if len(levels) > MOST_WORKSPACES:
        raise InvalidArgument(
            f"At most {MOST_WORKSPACES} workspaces have a level of their own.",
            pointer="/workspaces",
        )
    return levels


def _merged(before: Mapping[Any, Any], wanted: Mapping[Any, Any] | None) -> dict[Any, Any]:
    """Return one level of a merge patch: None takes a value away."""
    if wanted is None:
        return {}
    return {key: value for key, value in {**before, **wanted}.items() if value is not None}


def _whole(found: dict[str, Any], names: tuple[str, ...], pointer: str) -> dict[str, Any]:
    for name in names:
        if found.get(name) is None:
            raise InvalidArgument("This is needed beside the other.", pointer=f"{pointer}/{name}")
    return found
