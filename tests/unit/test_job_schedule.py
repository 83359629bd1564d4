"""When jobs run: cron expressions, intervals and single times, wherever clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from backend.jobs.schedule import LONGEST_EXPRESSION, Schedule, ScheduleKind, schedule_of
from backend.jobs.schemas import SCHEDULES
from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import resolve

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"
MINUTE = timedelta(minutes=1)


def local(text: str, tz: str = BERLIN) -> datetime:
    """The instant of a local date and time that is shown once."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).astimezone(UTC)


def next_of(expression: str, since: str, most: int, tz: str = BERLIN) -> list[str]:
    """The next slots of an expression, in UTC, from a local date and time on."""
    slots = Schedule.cron(expression, tz).next(local(since, tz), most)
    return [f"{slot:%m-%d %H:%M}" for slot in slots]


def brute(minutes: set[int], hours: set[int], day: datetime, days: int, tz: str) -> list[datetime]:
    """Every slot of some days, by trying each minute of each day; each instant once."""
    tried = (day + timedelta(days=number) for number in range(days))
    found = {
        resolve(each.date(), each.replace(hour=hour, minute=minute).time(), tz)
        for each in tried
        for hour in hours
        for minute in minutes
    }
    return sorted(found)


class TestCron:
    """A time of day keeps its zone."""

    def test_it_follows_local_time(self):
        """07:30 stays 07:30 when clocks go back, an hour later in UTC."""
        found = next_of("30 7 * * *", "2026-10-24T00:00", 3)

        assert ["10-24 05:30", "10-25 06:30", "10-26 06:30"] == found

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("30 2 * * *", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
            ("0,30 2 * * *", ["03-28 01:00", "03-28 01:30", "03-29 01:00"]),
            ("0 2,3 29 3 *", ["03-29 01:00"]),
            ("0 */2 29 3 *", ["03-28 23:00", "03-29 01:00", "03-29 02:00"]),
        ],
    )
    def test_what_clocks_leave_out_runs_at_the_first_instant_after(self, expression, expected):
        """Once, however many slots the gap holds: on 29 March 2026, 02:00 is 03:00."""
        assert expected == next_of(expression, "2026-03-27T23:59", 3)[: len(expected)]

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("30 2 * * *", ["10-25 00:30", "10-26 01:30"]),
            ("0,30 2 * * *", ["10-25 00:00", "10-25 00:30", "10-26 01:00"]),
            ("0 */2 * * *", ["10-24 22:00", "10-25 00:00", "10-25 03:00"]),
        ],
    )
    def test_what_clocks_show_twice_runs_once(self, expression, expected):
        """The first time: on 25 October 2026, 02:30 is shown at 00:30 and at 01:30 UTC."""
        assert expected == next_of(expression, "2026-10-24T23:59", len(expected))

    def test_from_within_the_second_showing(self):
        """What ran the first time is not run again by looking from the second."""
        second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time.

        assert local("2026-10-26T02:30") == Schedule.cron("30 2 * * *", BERLIN).after(second)

    def test_every_hour_is_counted_in_real_hours(self):
        """None is left out, and none is doubled, for the sake of a clock."""
        slots = Schedule.cron("*/30 * * * *", BERLIN).next(local("2026-10-25T00:00"), 200)
        more = Schedule.cron("0 * * * *", BERLIN).next(local("2026-03-28T12:00"), 40)

        assert {timedelta(minutes=30)} == {b - a for a, b in pairwise(slots)}
        assert {timedelta(hours=1)} == {b - a for a, b in pairwise(more)}

    def test_midnight_where_there_is_none(self):
        """In Cairo clocks go from 00:00 to 01:00 on 24 April 2026: one run, at 01:00."""
        found = next_of("0 0 * * *", "2026-04-23T12:00", 2, tz="Africa/Cairo")

        assert ["04-23 22:00", "04-24 21:00"] == found

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("0 9 L * *", ["11-30 08:00", "12-31 08:00"]),
            ("0 9 * * 5#1", ["12-04 08:00", "01-01 08:00"]),
            ("0 9 * * MON-FRI", ["11-23 08:00", "11-24 08:00"]),
            ("0 9 29 2 *", ["02-29 08:00", "02-29 08:00"]),
        ],
    )
    def test_what_it_understands(self, expression, expected):
        """The last day, the first Friday, workdays, a leap day."""
        assert expected == next_of(expression, "2026-11-20T13:00", 2)

    @given(
        minutes=st.sets(st.integers(0, 59), min_size=1, max_size=3),
        hours=st.sets(st.integers(0, 23), min_size=1, max_size=3),
        days=st.integers(0, 3000),
        tz=st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    )
    @settings(deadline=None, max_examples=60)
    def test_it_agrees_with_trying_every_minute(self, minutes, hours, days, tz):
        """Whatever times of day, on whatever days: each instant once, rising."""
        day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=days)
        expected = brute(minutes, hours, day, 4, tz)
        expression = f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *"

        found = Schedule.cron(expression, tz).next(expected[0] - MINUTE, len(expected))

        assert expected == found


class TestOthers:
    """Intervals and single times."""

    def test_an_interval_is_counted_in_real_time(self):
        """Every 90 minutes from when it was set up, whatever clocks do."""
        schedule = Schedule.interval(90, since=local("2026-10-24T12:00"))

        found = schedule.next(local("2026-10-24T12:00"), 20)

        assert local("2026-10-24T13:30") == found[0]
        assert {timedelta(minutes=90)} == {b - a for a, b in pairwise(found)}

    def test_once(self):
        """At one local time, and never again."""
        schedule = Schedule.once("2026-11-30T09:00", BERLIN)

        assert [local("2026-11-30T09:00")] == schedule.next(NOON, 5)
        assert schedule.after(local("2026-11-30T09:00")) is None

    @pytest.mark.parametrize(
        "schedule",
        [
            Schedule.cron("7,9 3 * 2-4 *", BERLIN),
            Schedule.cron("* * * 2 *", "UTC"),
            Schedule.interval(7, since=NOON),
        ],
    )
    @pytest.mark.parametrize("days", [1, 100, 4000])
    def test_the_last_slot_is_found_without_counting(self, schedule: Schedule, days: int):
        """However many lie between: the one found is a slot, and none follows in time."""
        first = schedule.after(NOON)
        until = NOON + timedelta(days=days, seconds=17)
        last = schedule.last(first, until) if first <= until else first

        assert last == schedule.after(last - timedelta(microseconds=1))
        assert schedule.after(last) > until


class TestRefused:
    """What is no schedule says so, and where."""

    @pytest.mark.parametrize(
        "expression",
        [
            "* * * *",
            "60 * * * *",
            "0 0 30 2 *",
            "0 0 L-3 * *",
            "@daily",
            "0 0 1 1 * 2026",
            "1/0 * * * *",
            "٣ * * * *",
            "0," * LONGEST_EXPRESSION + "0 0 * * *",
        ],
    )
    def test_no_cron_expression(self, expression: str):
        """Too few fields, no such minute, a day that never comes, words, digits of others."""
        with pytest.raises(InvalidArgument) as refused:
            Schedule.cron(expression, "UTC")

        assert "invalid-schedule" == refused.value.code
        assert "/schedule/expression" == refused.value.faults[0].pointer

    @given(st.text(alphabet="0123456789*/,-#LWMON ?\n", max_size=40))
    @settings(deadline=None)
    def test_whatever_it_is_it_is_refused_or_comes(self, expression: str):
        """Never anything but a refusal, and never in a long time."""
        try:
            schedule = Schedule.cron(expression, BERLIN)
            schedule.check_comes(NOON)
        except InvalidArgument:
            return

        assert schedule.after(NOON) > NOON

    def test_what_never_comes(self):
        """A fifth Monday on a day of February that is none of them; a day that has passed."""
        for schedule in (
            Schedule.cron("0 0 */29 2 MON#5", "UTC"),
            Schedule.once("2026-11-20T11:00", "UTC"),
        ):
            with pytest.raises(InvalidArgument, match="never comes"):
                schedule.check_comes(NOON)

    @pytest.mark.parametrize(
        ("expression", "is_refused"),
        [
            ("*/5 * * * *", False),
            ("*/4 * * * *", True),
            ("0,58 * * * *", True),
            ("0,58 9 * * *", False),
            ("0,58 9,10 * * *", True),
            ("7 * * * *", False),
        ],
    )
    def test_too_often(self, expression: str, is_refused: bool):
        """Never closer than five minutes, also across the hour."""
        try:
            Schedule.cron(expression, "UTC").check_frequency(timedelta(minutes=5))
        except InvalidArgument:
            refused = True
        else:
            refused = False

        assert is_refused == refused

    @pytest.mark.parametrize("at", ["2026-02-30T09:00", "2026-11-30", "2026-11-30T9:00", "x" * 16])
    def test_no_local_time(self, at: str):
        """A day that does not exist, or another spelling."""
        with pytest.raises(InvalidArgument):
            Schedule.once(at, BERLIN)

    def test_no_zone(self):
        """Only names of tzdata."""
        for wanted in (
            {"kind": ScheduleKind.CRON, "expression": "0 9 * * *", "tz": "../etc/passwd"},
            {"kind": ScheduleKind.ONCE, "at": "2026-11-30T09:00", "tz": "Mars/Base"},
        ):
            with pytest.raises(InvalidArgument) as refused:
                schedule_of(wanted, NOON)

            assert "/schedule/tz" == refused.value.faults[0].pointer


class TestInJson:
    """What a request may say."""

    @pytest.mark.parametrize(
        ("kind", "wanted", "named"),
        [
            ("cron", {"expression": "0 9 * *"}, "Five fields"),
            ("cron", {"expression": "@daily"}, "Five fields"),
            ("once", {"at": "2027-03-28"}, "2026-11-30T09:00"),
            ("once", {"at": "2027-03-28T09:00:00Z"}, "2026-11-30T09:00"),
        ],
    )
    def test_a_refusal_says_how_it_is_written(self, kind: str, wanted: dict, named: str):
        """How long it should be helps nobody."""
        with pytest.raises(ValidationError, match=named):
            SCHEDULES[kind].load({"kind": kind, **wanted})
