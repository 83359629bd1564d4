"""Where a rule starts, and one time it comes round."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import (
    checked_day,
    checked_time,
    day_from_text,
    resolve,
    time_from_text,
    zone,
)
from backend.tasks.due import Due, DueKind

INSTANT = timedelta(microseconds=1)  # To just before, or just after.
KEY = re.compile(r"([0-9]{8})(?:T([0-9]{4})(Z)?)?")
NO_KEY = "This is not the key of an occurrence."


@dataclass(frozen=True, slots=True)
class Start:
    """
    The local day, perhaps the time to the minute, and the IANA zone from which a rule counts.

    Raises:
        InvalidArgument: the zone is unknown, the year is not in 1970..2100, or the time is finer
            than a minute; the pointer is below `/start`.
    """

    day: date
    time: time | None
    tz: str

    def __post_init__(self) -> None:
        """Refuse what no occurrence could be made from."""
        checked_day(self.day, pointer="/start/date")
        zone(self.tz, pointer="/start/tz")
        if self.time is not None:
            checked_time(self.time, pointer="/start/time")

    @property
    def at(self) -> datetime:
        """The UTC instant of the local start; all day: the day's first."""
        return resolve(self.day, self.time or time.min, self.tz)

    def to_fields(self) -> dict[str, Any]:
        """Return the map kept in documents and sent as JSON: date, time, tz."""
        return {
            "date": self.day.isoformat(),
            "time": None if self.time is None else self.time.strftime("%H:%M"),
            "tz": self.tz,
        }

    @classmethod
    def from_fields(cls, fields: object) -> "Start":
        """
        Read the map back; `time` may be left out when it is null.

        Raises:
            InvalidArgument: it is malformed in any way; the pointer names the first fault.
        """
        if not isinstance(fields, Mapping) or not fields.keys() <= {"date", "time", "tz"}:
            raise InvalidArgument("A start has date, time and tz only.", pointer="/start")
        at = fields.get("time")
        return cls(
            day=day_from_text(fields.get("date"), pointer="/start/date"),
            time=None if at is None else time_from_text(at, pointer="/start/time"),
            tz=zone(fields.get("tz"), pointer="/start/tz").key,
        )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """
    One time a rule comes round.

    `day` and `time` are as the rule says, also where clocks skip them. `at` is the UTC instant of
    the local start (all-day: the day's first instant), not the instant from which it is late:
    that is `due.at`. One of an hourly rule is `in_utc`: no more than an instant, so its day and
    time are those of UTC, and `tz` is "UTC".
    """

    day: date
    time: time | None
    tz: str
    at: datetime
    in_utc: bool = False

    @property
    def key(self) -> str:
        """
        The ledger's id, which never changes with tzdata.

        "20260329T0900", or "20260329" all day, or "20260329T0700Z" of an hourly rule.
        """
        if self.time is None:
            return self.day.strftime("%Y%m%d")
        text = datetime.combine(self.day, self.time).strftime("%Y%m%dT%H%M")
        return f"{text}Z" if self.in_utc else text

    @property
    def due(self) -> Due:
        """When its task is due: at that time in that zone, or all day."""
        kind = DueKind.ALL_DAY if self.time is None else DueKind.ZONED
        return Due(kind, self.day, self.time, self.tz)


class KeyKind(StrEnum):
    """The three ways a key is written."""

    ALL_DAY = "all day"
    LOCAL = "local time"
    UTC = "an instant in UTC"


class KeyParts(NamedTuple):
    """What a key says."""

    kind: KeyKind
    day: date
    time: time | None


def read_key(key: str) -> KeyParts:
    """
    Read the key of an occurrence.

    Raises:
        InvalidArgument: it is not written like one, or the year is not in 1970..2100.
    """
    found = KEY.fullmatch(key)
    if found is None:
        raise InvalidArgument(NO_KEY)
    try:
        day = checked_day(date.fromisoformat(found[1]), pointer="/key")
        at = time.fromisoformat(found[2]) if found[2] else None
    except ValueError:
        raise InvalidArgument(NO_KEY) from None
    kind = KeyKind.ALL_DAY if at is None else KeyKind.UTC if found[3] else KeyKind.LOCAL
    return KeyParts(kind, day, at)


def occurrence_of(parts: KeyParts, tz: str) -> Occurrence:
    """Return the occurrence of a key, its instant reckoned in the zone `tz` unless it has one."""
    day, at = parts.day, parts.time
    if parts.kind is KeyKind.UTC and at is not None:
        return Occurrence(day, at, "UTC", datetime.combine(day, at, tzinfo=UTC), in_utc=True)
    return Occurrence(day, at, tz, resolve(day, time.min if at is None else at, tz))
