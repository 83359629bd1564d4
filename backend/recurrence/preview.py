"""What a series will do: its next occurrences, marked where clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import islice

from backend.kit.wallclock import zone
from backend.recurrence.expansion import END
from backend.recurrence.model import Occurrence, Recurrence

MAX_PREVIEWED = 100
LATEST = END + timedelta(days=1)


class Note(StrEnum):
    """
    What clocks do to an occurrence.

    `gap`: they skip its local time (or, all day, midnight); it comes at the first instant after.
    `fold`: they show it twice; it comes once, the first time. `offsetChanged`: they have changed
    since the occurrence before, so the two lie an hour or so closer or further than they show.
    """

    GAP = "gap"
    FOLD = "fold"
    OFFSET_CHANGED = "offsetChanged"


@dataclass(frozen=True, slots=True)
class Previewed:
    """An occurrence to come. `utc_offset` is that of the series' zone at its instant."""

    occurrence: Occurrence
    utc_offset: timedelta
    note: Note | None


def preview(recurrence: Recurrence, after: datetime, count: int) -> list[Previewed]:
    """
    Return the first `count` occurrences, at most 100, that start strictly after `after` (aware).

    Fewer where the rule ends.
    """
    most = min(count, MAX_PREVIEWED)
    before = recurrence.previous(after)
    found = recurrence.between(after, LATEST, most)
    return _noted(recurrence.start.tz, before, found)


def preview_from_completion(
    recurrence: Recurrence, done: Occurrence, done_at: datetime, count: int
) -> list[Previewed]:
    """
    Return the first `count` occurrences after `done`, were it done at `done_at` (aware).

    Of those that follow, each is taken to be done when it is to start.

    Raises:
        InvalidArgument: `invalid-recurrence`; the rule does not count from completion.
    """
    chain = _chain(recurrence, done, done_at)
    return _noted(recurrence.start.tz, done, list(islice(chain, min(count, MAX_PREVIEWED))))


def _chain(recurrence: Recurrence, done: Occurrence, done_at: datetime) -> Iterator[Occurrence]:
    following = recurrence.after_completion(done_at, done=done.key)
    while following is not None:
        yield following
        following = recurrence.after_completion(following.at, done=following.key)


def _noted(tz: str, before: Occurrence | None, found: list[Occurrence]) -> list[Previewed]:
    offset = None if before is None else _offset(before.at, tz)
    noted = []
    for each in found:
        was, offset = offset, _offset(each.at, tz)
        note = _note_of(each) or (Note.OFFSET_CHANGED if was not in (None, offset) else None)
        noted.append(Previewed(each, offset, note))
    return noted


def _offset(at: datetime, tz: str) -> timedelta:
    return at.astimezone(zone(tz)).utcoffset() or timedelta(0)


def _note_of(found: Occurrence) -> Note | None:
    if found.in_utc:
        return None
    wall = datetime.combine(found.day, found.time or time.min)
    here = zone(found.tz)
    if found.at.astimezone(here).replace(tzinfo=None) != wall:
        return Note.GAP
    first, second = (wall.replace(tzinfo=here, fold=fold).utcoffset() for fold in (0, 1))
    return None if first == second else Note.FOLD
