"""When the reminders of a task fall due, and what snoozing makes of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import zone
from backend.tasks.details import MAX_REMINDERS, Anchor, Reminder, ReminderKind
from backend.tasks.due import Due, DueKind
from backend.tasks.model import Status, Task, TaskRef, new_task
from backend.tasks.reminding import Moment, first_after, moments
from backend.tasks.snoozing import with_one_more

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def task(**details: Any) -> Task:
    return new_task(TaskRef("w", "t"), title="A", by="ann", at=NOW, details=details)


def before(minutes: int, anchor: Anchor = Anchor.DUE, uid: str | None = None) -> Reminder:
    return Reminder(ReminderKind.RELATIVE, minutes, None, anchor, uid)


def at(instant: datetime, uid: str | None = None) -> Reminder:
    return Reminder(ReminderKind.ABSOLUTE, None, instant, uid=uid)


def zoned(day: date, tz: str, hour: int = 9) -> Due:
    return Due(DueKind.ZONED, day, time(hour), tz)


def all_day(day: date, tz: str) -> Due:
    return Due(DueKind.ALL_DAY, day, None, tz)


class TestMoments:
    """`moments(task)`"""

    def test_each_kind(self):
        """Before it is due, before it begins, and at an instant."""
        due = zoned(date(2026, 3, 25), "UTC")
        one = task(
            due=due,
            start_at=due.at - 3 * HOUR,
            reminders=(before(0), before(30, Anchor.START), before(30, uid="bob"), at(NOW, "eve")),
        )

        assert {
            Moment(due.at, None),
            Moment(due.at - 3.5 * HOUR, None),
            Moment(due.at - HOUR / 2, "bob"),
            Moment(NOW, "eve"),
        } == moments(one)

    def test_without_the_date_there_is_none(self):
        """Neither a due date nor a start: what hangs on them waits."""
        assert frozenset() == moments(task(reminders=(before(5), before(5, Anchor.START))))

    @pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED])
    def test_what_is_closed_has_none(self, status: Status):
        """Nor has what lies in the archive or in the trash."""
        one = task(reminders=(at(NOW + HOUR),))

        assert 1 == len(moments(one))
        for gone in (
            one.edited({"status": status}, by="ann", at=NOW),
            one.deleted(by="ann", at=NOW),
            one.archived(by="ann", at=NOW),
        ):
            assert frozenset() == moments(gone)

    @pytest.mark.parametrize(
        ("due", "expected"),
        [
            # The night of 29 March has no hour from two to three; that of 25 October has it twice.
            (zoned(date(2026, 3, 29), "Europe/Berlin"), "2026-03-28T07:00:00+00:00"),
            (zoned(date(2026, 10, 25), "Europe/Berlin"), "2026-10-24T08:00:00+00:00"),
            # Due in the gap: from the first instant after it. Shown twice: from the first time.
            (zoned(date(2026, 3, 29), "Europe/Berlin", 2), "2026-03-28T01:00:00+00:00"),
            (zoned(date(2026, 10, 25), "Europe/Berlin", 2), "2026-10-24T00:00:00+00:00"),
            # All day: before the end of a day of 23 or 25 hours, and of one without midnight.
            (all_day(date(2026, 3, 29), "Europe/Berlin"), "2026-03-28T22:00:00+00:00"),
            (all_day(date(2026, 10, 25), "Europe/Berlin"), "2026-10-24T23:00:00+00:00"),
            (all_day(date(2026, 4, 23), "Africa/Cairo"), "2026-04-22T22:00:00+00:00"),
        ],
    )
    def test_a_day_before_is_twenty_four_hours(self, due: Due, expected: str):
        """Minutes are minutes, also where the clocks change in between."""
        (moment,) = moments(task(due=due, reminders=(before(1440),)))

        assert expected == moment.at.isoformat()

    def test_in_every_zone(self):
        """Nowhere does a due date come before its reminder, or further behind than it says."""
        wrong = []
        for tz in sorted(available_timezones() - {"localtime", "Factory"}):
            for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2027, 1, 1)):
                due = Due(DueKind.FLOATING, day, time(2, 30), zone(tz, pointer="").key)
                (moment,) = moments(task(due=due, reminders=(before(45),)))
                if due.at - moment.at != timedelta(minutes=45):
                    wrong.append((tz, day))

        assert [] == wrong


class TestFirstAfter:
    """`first_after(moments, instant)`"""

    def test_the_next_one(self):
        """Not that of the instant itself; of none there is none."""
        found = [Moment(NOW + n * HOUR, None) for n in (3, 1, 2)]

        assert NOW + HOUR == first_after(found, NOW)
        assert NOW + 2 * HOUR == first_after(found, NOW + HOUR)
        assert None is first_after(found, NOW + 3 * HOUR)


class TestSnoozing:
    """`with_one_more(reminders, own, now)`"""

    OWN = at(NOW + HOUR, "ann")

    def test_ones_own_passed_ones_go(self):
        """Those of others stay, as do those to come, and those that move with a date."""
        staying = (at(NOW, "bob"), at(NOW), at(NOW + 2 * HOUR, "ann"), before(5, uid="ann"))

        found = with_one_more((at(NOW, "ann"), *staying, at(NOW - HOUR, "ann")), self.OWN, NOW)

        assert (*staying, self.OWN) == found

    def test_the_same_again_is_one(self):
        """Snoozing twice until one instant."""
        assert (self.OWN,) == with_one_more((self.OWN,), self.OWN, NOW)

    def test_passed_ones_of_others_make_room(self):
        """As many as are in the way, the first ones first."""
        passed = tuple(at(NOW - n * HOUR, "bob") for n in range(4))
        coming = tuple(at(NOW + n * HOUR, "bob") for n in range(1, MAX_REMINDERS - 3))

        found = with_one_more((*passed, *coming), self.OWN, NOW)

        assert (*passed[1:], *coming, self.OWN) == found

    def test_no_room(self):
        """Ten that are still to come: one of them has to go first."""
        full = tuple(before(n) for n in range(MAX_REMINDERS))

        with pytest.raises(InvalidArgument) as refused:
            with_one_more(full, self.OWN, NOW)

        assert "limit-exceeded" == refused.value.faults[0].code
