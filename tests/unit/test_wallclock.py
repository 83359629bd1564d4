"""From wall-clock intent to instants: gaps, folds, days without midnight, hostile zone names."""

from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import (
    FIRST_DAY,
    LAST_DAY,
    day_from_text,
    resolve,
    start_of_day,
    time_from_text,
    zone,
)

ZONES = sorted(set(files("tzdata").joinpath("zones").read_text().split()) - {"Factory"})
# Clocks here have gone forward at midnight, by half an hour, by a day; or change every Ramadan.
ODD_ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Kwajalein",
]
INSTANT = timedelta(microseconds=1)


def local(instant: datetime, tz: str) -> datetime:
    """What clocks show. This direction is never ambiguous, so it can judge the other."""
    return instant.astimezone(zone(tz)).replace(tzinfo=None)


class TestResolve:
    """resolve(day, time, tz)"""

    @pytest.mark.parametrize(
        ("tz", "wall", "instant"),
        [
            ("Europe/Berlin", "2026-07-01T09:00", "2026-07-01T07:00:00+00:00"),
            ("Europe/Berlin", "2026-12-01T09:00", "2026-12-01T08:00:00+00:00"),
            ("Asia/Kathmandu", "2026-07-01T09:00", "2026-07-01T03:15:00+00:00"),
            ("UTC", "2100-12-31T23:59", "2100-12-31T23:59:00+00:00"),
        ],
    )
    def test_an_ordinary_time_is_the_instant_clocks_show_it(self, tz, wall, instant):
        """Nothing special: the offset of that day applies."""
        wanted = datetime.fromisoformat(wall)

        assert datetime.fromisoformat(instant) == resolve(wanted.date(), wanted.time(), tz)

    @pytest.mark.parametrize(
        ("tz", "wall", "instant"),
        [
            ("Europe/Berlin", "2027-03-28T02:00", "2027-03-28T01:00:00+00:00"),
            ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00:00+00:00"),
            ("Europe/Berlin", "2027-03-28T02:59", "2027-03-28T01:00:00+00:00"),
            ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:00:00+00:00"),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00+00:00"),
            ("America/Nuuk", "2027-03-27T23:30", "2027-03-28T01:00:00+00:00"),
            ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00:00+00:00"),
        ],
    )
    def test_a_time_in_a_gap_moves_to_the_first_instant_after_it(self, tz, wall, instant):
        """However far into the gap it lies, half an hour or a whole day long."""
        wanted = datetime.fromisoformat(wall)

        assert datetime.fromisoformat(instant) == resolve(wanted.date(), wanted.time(), tz)

    @pytest.mark.parametrize(
        ("tz", "wall", "instant"),
        [
            ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00+00:00"),
            ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45:00+00:00"),
        ],
    )
    def test_a_time_that_happens_twice_is_the_first_of_the_two(self, tz, wall, instant):
        """Even if the time handed in says it means the second."""
        wanted = datetime.fromisoformat(wall)

        for fold in (0, 1):
            at = wanted.time().replace(fold=fold)
            assert datetime.fromisoformat(instant) == resolve(wanted.date(), at, tz)

    @settings(max_examples=150, deadline=None, database=None)
    @given(
        day=st.dates(FIRST_DAY, LAST_DAY) | st.dates(date(2024, 1, 1), date(2032, 1, 1)),
        at=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
        tz=st.sampled_from(ODD_ZONES) | st.sampled_from(ZONES),
    )
    def test_clocks_show_it_then_and_not_before(self, day, at, tz):
        """At the instant clocks show the time, or just jumped over it; never earlier that day."""
        wall = datetime.combine(day, at)
        found = resolve(day, at, tz)

        assert UTC is found.tzinfo
        shown = local(found, tz)
        assert wall == shown or local(found - INSTANT, tz) < wall < shown
        assert all(local(found - timedelta(minutes=m), tz) != wall for m in (20, 30, 60, 120, 1440))

    def test_a_day_far_out_of_range_is_refused(self):
        """The ends of the calendar overflow when a zone is applied."""
        for day in (date.min, date.max, date(2102, 1, 1)):
            with pytest.raises(InvalidArgument):
                resolve(day, time(9), "Asia/Tokyo")


class TestStartOfDay:
    """start_of_day(day, tz)"""

    @pytest.mark.parametrize(
        ("tz", "day", "shown"),
        [
            ("Asia/Beirut", "2026-03-29", "2026-03-29T01:00"),
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00"),
            ("Africa/Cairo", "2026-04-24", "2026-04-24T01:00"),
            ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00"),
            ("Pacific/Apia", "2011-12-31", "2011-12-31T00:00"),
            ("Europe/Berlin", "2026-03-29", "2026-03-29T00:00"),
        ],
    )
    def test_a_day_without_midnight_starts_when_its_clocks_do(self, tz, day, shown):
        """At 01:00 where midnight is skipped, and with the next day where the day is."""
        assert datetime.fromisoformat(shown) == local(start_of_day(date.fromisoformat(day), tz), tz)

    def test_the_first_of_two_midnights_counts(self):
        """In St John's clocks went from 00:01 back to 23:01, so that a day began twice."""
        found = start_of_day(date(2010, 11, 7), "America/St_Johns")

        assert datetime(2010, 11, 7, 2, 30, tzinfo=UTC) == found

    def test_every_zone_starts_every_day(self):
        """A sample of all zones and every day of the odd ones: the day begins there, not before."""
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(9 * 365)]
        sample = [(tz, day) for n, tz in enumerate(ZONES) for day in days[n % 271 :: 271]]
        sample += [(tz, day) for tz in ODD_ZONES for day in days[90:400]]

        for tz, day in sample:
            start = start_of_day(day, tz)
            assert (day, day - timedelta(days=1)) == (
                local(start, tz).date(),
                local(start - INSTANT, tz).date(),
            ), tz


class TestZone:
    """zone(name)"""

    def test_every_listed_zone_is_known(self):
        """Current names and the old ones apps still send."""
        assert all(name == zone(name).key for name in [*ZONES, "Asia/Calcutta", "US/Eastern"])

    @pytest.mark.parametrize(
        "name",
        [
            *("", ".", "..", "../x", "../../etc/passwd", "/etc/localtime", "localtime", "Factory"),
            *("Europe", "Europe/", "Europe/berlin", "Europe//Berlin", "Europe/../UTC", "Mars/Base"),
            *(" UTC", "UTC\n", "UTC\0", "tzdata.zi", "zones", "A" * 65, "x" * 1_000_000, "\ud800"),
            *("+02:00", "UTC+2", None, 5, True, b"UTC", ["UTC"], {}, 1.5),
        ],
    )
    def test_anything_else_is_refused_with_a_pointer(self, name):
        """Unknown names, paths, other types; the name itself is not repeated."""
        with pytest.raises(InvalidArgument) as refused:
            zone(name)

        assert ["/due/tz"] == [fault.pointer for fault in refused.value.faults]
        assert "validation-failed" == refused.value.code


class TestReadingText:
    """day_from_text and time_from_text"""

    def test_the_stored_spelling_is_read(self):
        """The shape documents have."""
        assert date(2028, 2, 29) == day_from_text("2028-02-29", pointer="/due/date")
        assert time(23, 59) == time_from_text("23:59", pointer="/due/time")

    @pytest.mark.parametrize(
        "text",
        [
            *("", "2026-02-29", "2026-13-01", "20260101", "2026-W01-1", "2026-1-1", "1969-12-31"),
            *("2101-01-01", "0001-01-01", "9999-12-31", "2026-01-01T00:00", " 2026-01-01"),
            *("2026-01-01\n", "\u0662\u06602\u0666-01-01", None, 20260101, True, ["2026-01-01"]),
        ],
    )
    def test_other_days_are_refused(self, text):
        """Other spellings ISO 8601 allows, days that do not exist, years out of range."""
        with pytest.raises(InvalidArgument):
            day_from_text(text, pointer="/due/date")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "24:00",
            "09:60",
            "9:00",
            "0900",
            "09:00:00",
            "09:00Z",
            "09:00\n",
            "\u0660\u0669:00",
            None,
            9,
        ],
    )
    def test_other_times_are_refused(self, text):
        """Seconds, midnight as 24:00, zones, other scripts."""
        with pytest.raises(InvalidArgument):
            time_from_text(text, pointer="/due/time")
