"""Hourly rules: counted in UTC, so that clock changes neither stretch nor double an interval."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from backend.kit.errors import InvalidArgument
from backend.recurrence.occurrence import KeyKind, read_key
from backend.tasks.due import Due, DueKind
from tests.unit.recurrences import BERLIN, ZONES, keys, recurrence, walk


class TestHours:
    """FREQ=HOURLY"""

    def test_its_keys_and_dues_are_instants_of_utc(self):
        """08:00 in Berlin is 07:00Z in winter, and stays that."""
        found = recurrence("FREQ=HOURLY;INTERVAL=6", "2026-03-28T08:00").first()

        assert ("20260328T0700Z", datetime(2026, 3, 28, 7, tzinfo=UTC)) == (found.key, found.at)
        assert Due(DueKind.ZONED, date(2026, 3, 28), time(7), "UTC") == found.due
        assert found.at == found.due.at

    @pytest.mark.parametrize("day", ["2027-03-27", "2026-10-24"])
    @pytest.mark.parametrize("tz", ZONES)
    def test_clock_changes_neither_stretch_nor_double_an_interval(self, tz, day):
        """Over the gap no instant comes twice, and over the fold no hour is left out."""
        found = walk(recurrence("FREQ=HOURLY", f"{day}T12:30", tz), 36)

        assert {timedelta(hours=1)} == {two.at - one.at for one, two in pairwise(found)}
        assert 36 == len({each.key for each in found})

    def test_a_start_in_a_gap_begins_right_after_it(self):
        """02:30 is skipped in Berlin: 03:00 there is 01:00Z."""
        assert ["20270328T0100Z", "20270328T0300Z"] == keys(
            recurrence("FREQ=HOURLY;INTERVAL=2", "2027-03-28T02:30"), 2
        )

    def test_a_start_between_two_minutes_of_utc_is_rounded_up(self):
        """Liberia was 44 minutes and 30 seconds behind until 1972."""
        subject = recurrence("FREQ=HOURLY", "1971-06-01T09:00", "Africa/Monrovia")

        assert ["19710601T0945Z", "19710601T1045Z"] == keys(subject, 2)

    def test_weekdays_are_those_of_the_starts_zone(self):
        """In Berlin Monday begins at 23:00Z on Sunday, and ends before 23:00Z on Monday."""
        subject = recurrence("FREQ=HOURLY;INTERVAL=12;BYDAY=MO", "2026-11-06T00:00")

        assert ["20261108T2300Z", "20261109T1100Z", "20261115T2300Z"] == keys(subject, 3)

    @pytest.mark.parametrize(
        ("end", "last"),
        [
            ("COUNT=5", "20260328T1100Z"),
            ("UNTIL=20260328T093000Z", "20260328T0900Z"),
            ("UNTIL=20260328T090000Z", "20260328T0900Z"),
            # To the end of that day in Berlin.
            ("UNTIL=20260328", "20260328T2200Z"),
        ],
    )
    def test_ends_are_inclusive(self, end, last):
        """By number, by instant, and by local day."""
        assert last == keys(recurrence(f"FREQ=HOURLY;{end}", "2026-03-28T08:00"), 99)[-1]

    def test_count_counts_only_the_weekdays(self):
        """The 30th hour of Mondays is 05:00 on the second one."""
        subject = recurrence("FREQ=HOURLY;BYDAY=MO;COUNT=30", "2026-11-09T00:00")
        found = keys(subject, 99)

        assert (30, "20261116T0400Z") == (len(found), found[-1])
        last = subject.occurrence(found[-1])
        assert last == subject.previous(datetime(2099, 1, 1, tzinfo=UTC))

    def test_it_ends_with_the_year_2100(self):
        """As everything does."""
        assert ["21001231T2100Z", "21001231T2200Z", "21001231T2300Z"] == keys(
            recurrence("FREQ=HOURLY", "2100-12-31T21:00", "UTC"), 9
        )

    def test_it_needs_a_time_of_day(self):
        """Every six hours from when?"""
        with pytest.raises(InvalidArgument) as refused:
            recurrence("FREQ=HOURLY", "2026-03-28")

        assert ["/start/time"] == [fault.pointer for fault in refused.value.faults]

    @pytest.mark.parametrize(
        ("done", "done_at", "expected"),
        [
            (None, "2026-03-28T10:17:00Z", "20260328T1617Z"),
            (None, "2026-03-28T10:17:01Z", "20260328T1618Z"),
            ("20260328T0700Z", "2026-03-28T10:17:00Z", "20260328T1617Z"),
            # Done before it was to start: six hours after its own instant.
            ("20260328T0700Z", "2026-03-28T00:00:00Z", "20260328T1300Z"),
            ("20260328T0700Z", "2026-03-28T01:00:00Z", "20260328T1300Z"),
        ],
    )
    def test_counted_from_completion_it_comes_that_many_hours_later(self, done, done_at, expected):
        """To the minute, rounded up."""
        subject = recurrence("FREQ=HOURLY;INTERVAL=6", "2026-03-28T08:00")

        found = subject.after_completion(datetime.fromisoformat(done_at), done=done)
        assert expected == (found and found.key)

    def test_counted_from_completion_it_ends_with_until(self):
        """Until the end of that day in Berlin."""
        subject = recurrence("FREQ=HOURLY;INTERVAL=6;UNTIL=20260328", "2026-03-28T08:00")

        assert subject.after_completion(datetime(2026, 3, 28, 17, tzinfo=UTC)) is None
        assert subject.after_completion(datetime(2026, 3, 28, 16, 59, tzinfo=UTC)) is not None


class TestKeys:
    """read_key"""

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            ("20260329", KeyKind.ALL_DAY),
            ("20260329T0900", KeyKind.LOCAL),
            ("20260329T0700Z", KeyKind.UTC),
        ],
    )
    def test_there_are_three_kinds(self, key, kind):
        """All day, local time, instant; each reads back as it was written."""
        assert kind == read_key(key).kind
        rule = "FREQ=HOURLY" if kind is KeyKind.UTC else "FREQ=DAILY"
        assert key == recurrence(rule, "2026-01-01T00:00", BERLIN).occurrence(key).key

    @pytest.mark.parametrize(
        "key", ["", "20260329Z", "20260329T07Z", "20260329T0700z", "20260329T0700ZZ", "19691231"]
    )
    def test_anything_else_is_refused(self, key):
        """Also years that no occurrence can have."""
        with pytest.raises(InvalidArgument):
            read_key(key)
