"""From what a person means (a day, a time, a zone) to instants. It never asks what time it is."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from backend.kit.errors import InvalidArgument

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)

LONGEST_NAME = 64
# "Factory" is how tzdata says "nobody has set a zone here": never what a person means.
NO_ZONES = frozenset({"Factory"})

# [0-9], not \d, which also takes digits of other scripts; and the ISO parsers of the standard
# library take more spellings than the one we store.
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}")


def zone(name: object, *, pointer: str = "/due/tz") -> ZoneInfo:
    """
    Return the IANA zone called `name`, from the pinned tzdata, whatever the machine has.

    Raises:
        InvalidArgument: tzdata lists no such zone; `pointer` says where it was asked for.
    """
    # Only listed names reach the file system, so no name from outside can become a path.
    if not isinstance(name, str) or len(name) > LONGEST_NAME or name not in _names():
        raise InvalidArgument("This is not the name of an IANA time zone.", pointer=pointer)
    return _load(name)


def resolve(day: date, at: time, tz: str) -> datetime:
    """
    Return the instant, aware and in UTC, at which clocks in `tz` show `day` and `at`.

    A time left out when clocks go forward moves to the first instant after the gap. A time
    shown twice, when they go back, is the first of the two.

    Raises:
        InvalidArgument: the zone is unknown, or the day lies a year or more outside 1970..2100.
    """
    # One year of margin, because an all-day thing of the last day ends on the next.
    if not FIRST_DAY.year - 1 <= day.year <= LAST_DAY.year + 1:
        raise InvalidArgument("The date is out of range.")
    here = zone(tz)
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=here)
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if before is None or after is None or before >= after:
        return wall.astimezone(UTC)
    return _end_of_gap(wall.replace(tzinfo=None), here, gap=after - before)


def start_of_day(day: date, tz: str) -> datetime:
    """
    Return the first instant, in UTC, of the local `day`, also where it has no midnight.

    A day the zone left out altogether (Samoa, 30 December 2011) starts when the next one does.

    Raises:
        InvalidArgument: as for `resolve`.
    """
    return resolve(day, time.min, tz)


def day_from_text(text: object, *, pointer: str) -> date:
    """
    Read "2026-03-29".

    Raises:
        InvalidArgument: it is no such text, no such day exists, or not in 1970..2100.
    """
    if isinstance(text, str) and DAY.fullmatch(text):
        try:
            return checked_day(date.fromisoformat(text), pointer=pointer)
        except ValueError:
            pass  # February 30: the shape is right, the day does not exist.
    raise InvalidArgument("A date is written YYYY-MM-DD and must exist.", pointer=pointer)


def time_from_text(text: object, *, pointer: str) -> time:
    """
    Read "09:00".

    Raises:
        InvalidArgument: it is no such text, or not in 00:00..23:59.
    """
    if isinstance(text, str) and TIME.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass  # 24:00 or 09:60.
    raise InvalidArgument("A time is written HH:MM, from 00:00 to 23:59.", pointer=pointer)


def checked_day(day: date, *, pointer: str) -> date:
    """
    Return `day`.

    Raises:
        InvalidArgument: it is not in 1970..2100.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidArgument("The year must be from 1970 to 2100.", pointer=pointer)
    return day


def checked_time(at: time, *, pointer: str) -> time:
    """
    Return `at`.

    Raises:
        InvalidArgument: it is finer than a minute, or carries a zone of its own.
    """
    if at.second or at.microsecond or at.tzinfo is not None:
        raise InvalidArgument("A time is given to the minute.", pointer=pointer)
    return at


def _end_of_gap(wall: datetime, here: ZoneInfo, *, gap: timedelta) -> datetime:
    # `wall` read with the offset of before the change lies after it, by less than the gap.
    # Halving finds the second at which the local clock jumps over `wall`.
    late = wall.replace(tzinfo=here).astimezone(UTC)
    early = late - gap
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(here).replace(tzinfo=None) > wall:
            late = middle
        else:
            early = middle
    return late


@cache  # At most once per zone of tzdata: unlisted names never get here.
def _load(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def _names() -> frozenset[str]:
    listed = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return frozenset(listed) - NO_ZONES
