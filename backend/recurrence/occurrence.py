"""Where a rule starts, and one time it comes round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import checked_day, checked_time, day_from_text, time_from_text, zone
from backend.tasks.due import Due, DueKind


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
    that is `due.at`.
    """

    day: date
    time: time | None
    tz: str
    at: datetime

    @property
    def key(self) -> str:
        """The ledger's id: "20260329T0900", or "20260329" all day. Never changes with tzdata."""
        if self.time is None:
            return self.day.strftime("%Y%m%d")
        return datetime.combine(self.day, self.time).strftime("%Y%m%dT%H%M")

    @property
    def due(self) -> Due:
        """When its task is due: at that time in that zone, or all day."""
        kind = DueKind.ALL_DAY if self.time is None else DueKind.ZONED
        return Due(kind, self.day, self.time, self.tz)
