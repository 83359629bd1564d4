"""When a task is due: what the person meant, and the instants that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from backend.kit.errors import Fault, InvalidArgument
from backend.kit.wallclock import (
    checked_day,
    checked_time,
    day_from_text,
    resolve,
    start_of_day,
    time_from_text,
    zone,
)

DUE_SOON = timedelta(hours=1)
DUE_SOON_ALL_DAY = time(9, 0)


class DueKind(StrEnum):
    """Whether a time of day was meant, and whether it travels with the person (floating)."""

    ALL_DAY = "allDay"
    FLOATING = "floating"
    ZONED = "zoned"


@dataclass(frozen=True, slots=True)
class Due:
    """
    A local day, perhaps a time to the minute, and the IANA zone in which they are meant.

    `time` is None exactly when the kind is allDay.

    Raises:
        InvalidArgument: kind and time disagree, the zone is unknown, the year is not in
            1970..2100, or the time is finer than a minute; the pointer is below `/due`.
    """

    kind: DueKind
    day: date
    time: time | None
    tz: str

    def __post_init__(self) -> None:
        """Refuse what `at` could not answer for."""
        checked_day(self.day, pointer="/due/date")
        zone(self.tz, pointer="/due/tz")
        if (self.time is None) != (self.kind is DueKind.ALL_DAY):
            raise InvalidArgument(
                "A time is given unless the task is due all day.", pointer="/due/time"
            )
        if self.time is not None:
            checked_time(self.time, pointer="/due/time")

    @property
    def at(self) -> datetime:
        """The UTC instant from which the task is late; all-day: the start of the next local day."""
        if self.time is None:
            return start_of_day(self.day + timedelta(days=1), self.tz)
        return resolve(self.day, self.time, self.tz)

    @property
    def due_soon_at(self) -> datetime:
        """The UTC instant to say "due soon": an hour before, or 09:00 local of an all-day day."""
        if self.time is None:
            return resolve(self.day, DUE_SOON_ALL_DAY, self.tz)
        return self.at - DUE_SOON

    @property
    def travels(self) -> bool:
        """Whether it is meant where the person is who should do the task."""
        return self.kind is not DueKind.ZONED

    @property
    def mark(self) -> str:
        """
        What tells this due date from others of the task, as text.

        The same day is the same due date in whatever zone the person is; an instant is itself.
        """
        if not self.travels:
            return self.at.isoformat()
        return self.day.isoformat() + ("" if self.time is None else f"T{self.time:%H:%M}")

    def to_fields(self) -> dict[str, Any]:
        """Return the map kept in documents and sent as JSON: kind, date, time, tz."""
        return {
            "kind": self.kind.value,
            "date": self.day.isoformat(),
            "time": None if self.time is None else self.time.strftime("%H:%M"),
            "tz": self.tz,
        }

    @classmethod
    def from_fields(cls, fields: object) -> "Due":
        """
        Read the map back; `time` may be left out when it is null.

        Apps write this map themselves, so nothing in it is taken on trust.

        Raises:
            InvalidArgument: it is malformed in any way; the pointer names the first fault.
        """
        if not isinstance(fields, Mapping):
            raise InvalidArgument("A due date is an object.", pointer="/due")
        if not fields.keys() <= {"kind", "date", "time", "tz"}:
            raise InvalidArgument("A due date has kind, date, time and tz only.", pointer="/due")
        at = fields.get("time")
        return cls(
            kind=_kind(fields.get("kind")),
            day=day_from_text(fields.get("date"), pointer="/due/date"),
            time=None if at is None else time_from_text(at, pointer="/due/time"),
            tz=zone(fields.get("tz"), pointer="/due/tz").key,
        )


@dataclass(frozen=True, slots=True)
class DuePatch:
    """A JSON merge patch (RFC 7396) of a due date: `fields` as `Due.to_fields` names them."""

    fields: Mapping[str, Any]

    def applied_to(self, due: Due | None) -> Due:
        """
        Return the due date with these fields changed.

        Raises:
            InvalidArgument: what comes out is none; `faults` names every missing field.
        """
        merged = {**(due.to_fields() if due else {}), **self.fields}
        missing = tuple(
            Fault(f"/due/{name}", "missing", "There is no due date to take this from.")
            for name in ("kind", "date", "tz")
            if name not in merged
        )
        if missing:
            raise InvalidArgument("A due date needs a kind, a date and a zone.", faults=missing)
        return Due.from_fields(merged)


def _kind(text: object) -> DueKind:
    if isinstance(text, str) and text in set(DueKind):
        return DueKind(text)
    raise InvalidArgument("The kind is allDay, floating or zoned.", pointer="/due/kind")
