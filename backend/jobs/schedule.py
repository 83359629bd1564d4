"""
When a job runs: by a cron expression, every so many minutes, or once. Pure.

Slots are whole minutes. A time of day is meant in local time of the schedule's zone: one left out
when clocks go forward moves to the first instant after the gap, one shown twice is run the first
time. An expression for every hour (`*` in its second field) follows real hours instead: none of
them is left out or doubled for the sake of a clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice, pairwise
from typing import Any

from cronsim import CronSim, CronSimError

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import day_from_text, resolve, time_from_text, zone

LONGEST_EXPRESSION = 120
LEAST_EVERY_MIN, MOST_EVERY_MIN = 1, 366 * 24 * 60
LEAST_FOR_WORKSPACES = timedelta(minutes=5)
# How late a slot may be looked at: a timer whose job the queue has lost is repaired within it.
LATE_AFTER = timedelta(minutes=10)
LAST_YEAR = 2100
MINUTE = timedelta(minutes=1)
EVERY_HOUR = "*"


class ScheduleKind(StrEnum):
    """How a schedule is written."""

    CRON = "cron"
    INTERVAL = "interval"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    When a job runs. Of each kind only its own fields are set.

    `cron`: `expression` (minute, hour, day of month, month, day of week) in zone `tz`.
    `interval`: every `every_minutes`, counted in real time from the instant `since`.
    `once`: at the local date and time `at` ("2026-11-30T09:00") in zone `tz`.
    """

    kind: ScheduleKind
    tz: str = "UTC"
    expression: str | None = None
    every_minutes: int | None = None
    since: datetime | None = None
    at: str | None = None

    @classmethod
    def cron(cls, expression: str, tz: str) -> "Schedule":
        """
        Return the schedule of a cron expression, in one spelling.

        Raises:
            InvalidArgument: it is none, is too long, or never comes to pass; or there is no such
                zone.
        """
        zone(tz, pointer="/schedule/tz")
        if len(expression) > LONGEST_EXPRESSION or not expression.isascii():
            raise _faulty("The expression is too long, or no cron expression.")
        schedule = cls(ScheduleKind.CRON, tz, expression=" ".join(expression.upper().split()))
        try:
            CronSim(schedule.expression or "", datetime(2026, 1, 1))  # noqa: DTZ001 - local time.
        except CronSimError as error:
            raise _faulty(f"This is no cron expression: {error}.") from None
        return schedule

    @classmethod
    def interval(cls, every_minutes: int, *, since: datetime) -> "Schedule":
        """
        Return the schedule of every so many minutes, the first of them after `since`.

        Raises:
            InvalidArgument: it is not from 1 minute to a year.
        """
        if not LEAST_EVERY_MIN <= every_minutes <= MOST_EVERY_MIN:
            raise _faulty("From 1 minute to 366 days.", "/schedule/everyMinutes")
        minute = since.astimezone(UTC).replace(second=0, microsecond=0)
        return cls(ScheduleKind.INTERVAL, every_minutes=every_minutes, since=minute)

    @classmethod
    def once(cls, at: str, tz: str) -> "Schedule":
        """
        Return the schedule of one local date and time.

        Raises:
            InvalidArgument: it is none, or there is no such zone.
        """
        zone(tz, pointer="/schedule/tz")
        schedule = cls(ScheduleKind.ONCE, tz, at=at)
        schedule._instant()
        return schedule

    def after(self, moment: datetime) -> datetime | None:
        """Return the first slot after an instant, in UTC; None if no more of them come."""
        match self.kind:
            case ScheduleKind.CRON:
                return self._after_by_cron(moment)
            case ScheduleKind.INTERVAL:
                return self._after_by_interval(moment)
            case ScheduleKind.ONCE:
                instant = self._instant()
                return instant if instant > moment else None

    def slots(self, moment: datetime) -> Iterator[datetime]:
        """Yield the slots after an instant, rising, until no more of them come."""
        slot = self.after(moment)
        while slot is not None:
            yield slot
            slot = self.after(slot)

    def next(self, moment: datetime, most: int) -> list[datetime]:
        """Return the first slots after an instant, so many at the most."""
        return [*islice(self.slots(moment), most)]

    def last(self, slot: datetime, until: datetime) -> datetime:
        """
        Return the last slot up to an instant, of those from `slot` on.

        By halving: it costs some twenty looks, however many slots lie between.
        """
        low, high = slot, until
        while high - low >= MINUTE:
            middle = low + (high - low) / 2
            found = self.after(middle)
            if found is not None and found <= until:
                low = found
            else:
                high = middle
        found = self.after(low)
        return found if found is not None and found <= until else low

    def check_frequency(self, least: timedelta) -> None:
        """
        Return if two slots are never closer than `least`, a whole number of minutes below an hour.

        Raises:
            InvalidArgument: they are.
        """
        if self.every_minutes is not None and timedelta(minutes=self.every_minutes) < least:
            raise _faulty("This runs too often.", "/schedule/everyMinutes")
        if self.expression is not None and _closest(self.expression) < least:
            raise _faulty("This runs too often.")

    def check_comes(self, now: datetime) -> None:
        """
        Return if a slot is still to come.

        Raises:
            InvalidArgument: none is.
        """
        if self.after(now) is None:
            named = "at" if self.kind is ScheduleKind.ONCE else "expression"
            raise _faulty("This never comes to pass.", f"/schedule/{named}")

    def to_fields(self) -> dict[str, Any]:
        """Return it as documents keep it."""
        return {
            "kind": self.kind.value,
            "tz": self.tz,
            "expression": self.expression,
            "everyMinutes": self.every_minutes,
            "since": self.since,
            "at": self.at,
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Schedule":
        """Read it from a document."""
        return cls(
            kind=ScheduleKind(fields["kind"]),
            tz=fields["tz"],
            expression=fields["expression"],
            every_minutes=fields["everyMinutes"],
            since=fields["since"],
            at=fields["at"],
        )

    def _after_by_interval(self, moment: datetime) -> datetime:
        if self.every_minutes is None or self.since is None:
            raise ValueError("an interval has its minutes and its beginning")
        every = timedelta(minutes=self.every_minutes)
        passed = max(0, (moment - self.since) // every)
        return self.since + every * (passed + 1)

    def _after_by_cron(self, moment: datetime) -> datetime | None:
        expression, here = self.expression or "", zone(self.tz)
        hourly = expression.split()[1] == EVERY_HOUR
        local = moment.astimezone(here)
        # Without a zone the library counts local times alone, and we find their instants.
        start = local if hourly else local.replace(tzinfo=None)
        for slot in CronSim(expression, start):
            if slot.year > LAST_YEAR:
                return None
            instant = slot.astimezone(UTC) if hourly else resolve(slot.date(), slot.time(), self.tz)
            if instant > moment:
                return instant
        return None

    def _instant(self) -> datetime:
        day, _, at = (self.at or "").partition("T")
        pointer = "/schedule/at"
        return resolve(
            day_from_text(day, pointer=pointer), time_from_text(at, pointer=pointer), self.tz
        )


def schedule_of(wanted: Mapping[str, Any], now: datetime) -> Schedule:
    """
    Return the schedule that somebody asks for: `kind` with `expression` and `tz`, with
    `every_minutes`, or with `at` and `tz`.

    Raises:
        InvalidArgument: it is none.
    """
    match wanted["kind"]:
        case ScheduleKind.CRON:
            return Schedule.cron(wanted["expression"], wanted["tz"])
        case ScheduleKind.INTERVAL:
            return Schedule.interval(wanted["every_minutes"], since=now)
        case _:
            return Schedule.once(wanted["at"], wanted["tz"])


def _closest(expression: str) -> timedelta:
    """Return how close two slots of an expression may come, where its hours touch."""
    read = CronSim(expression, datetime(2026, 1, 1))  # noqa: DTZ001 - local time.
    minutes, hours = sorted(read.minutes), read.hours
    touching = any((hour + 1) % 24 in hours for hour in hours)
    around = [*minutes, *([minutes[0] + 60] if touching else [])]
    return timedelta(minutes=min((b - a for a, b in pairwise(around)), default=60))


def _faulty(detail: str, pointer: str = "/schedule/expression") -> InvalidArgument:
    return InvalidArgument(detail, code="invalid-schedule", pointer=pointer)
