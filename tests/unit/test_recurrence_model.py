"""When recurring tasks come round: clock changes, months and ends people argue about."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import resolve, zone
from backend.recurrence.model import Start
from backend.tasks.due import Due, DueKind
from tests.unit.recurrences import BERLIN, ZONES, keys, recurrence, walk


class TestClockChanges:
    """Local time stays; instants follow."""

    @pytest.mark.parametrize("tz", ZONES)
    def test_nine_stays_nine(self, tz):
        """Two years of days, each at 09:00 on the wall."""
        subject = recurrence("FREQ=DAILY", "2026-01-01T09:00", tz)
        moments = [subject.start.day + timedelta(days=n) for n in range(731)]
        found = [subject.after(resolve(day, time(8, 59), tz)) for day in moments]

        assert [(day, time(9)) for day in moments] == [
            (each.at.astimezone(zone(tz)).date(), each.at.astimezone(zone(tz)).time())
            for each in found
            if each
        ]

    def test_a_time_in_the_gap_comes_right_after_it_that_day_only(self):
        """02:30 in Berlin: 03:00 when clocks go forward; the key keeps what was meant."""
        found = walk(recurrence("FREQ=DAILY", "2027-03-27T02:30"), 3)

        assert ["20270327T0230", "20270328T0230", "20270329T0230"] == [each.key for each in found]
        assert [(1, 30), (1, 0), (0, 30)] == [(each.at.hour, each.at.minute) for each in found]

    def test_a_time_in_the_fold_comes_once(self):
        """02:30 happens twice in Berlin when clocks go back; the first is meant."""
        found = walk(recurrence("FREQ=DAILY", "2026-10-25T02:30"), 2)

        assert [
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
        ] == [each.at for each in found]

    def test_done_between_the_two_times_of_a_fold_waits_for_the_next_day(self):
        """The second 02:30 is not another occurrence."""
        subject = recurrence("FREQ=DAILY", "2026-10-20T02:30")

        found = subject.after(datetime(2026, 10, 25, 0, 45, tzinfo=UTC))
        assert found is not None
        assert "20261026T0230" == found.key

    def test_a_gap_may_carry_it_past_midnight(self):
        """23:30 in Nuuk is skipped that Saturday: 00:00 of Sunday, and Sunday has its own too."""
        subject = recurrence("FREQ=DAILY", "2027-03-27T23:30", "America/Nuuk")
        saturday, sunday = walk(subject, 2)

        assert datetime(2027, 3, 28, 1, tzinfo=UTC) == saturday.at
        assert datetime(2027, 3, 29, 0, 30, tzinfo=UTC) == sunday.at
        assert saturday == subject.after(saturday.at - timedelta(seconds=1))

    @pytest.mark.parametrize("start", ["2011-12-29", "2011-12-29T00:00", "2011-12-29T18:00"])
    def test_a_day_its_zone_skipped_has_no_occurrence(self, start):
        """Samoa crossed the date line: 29 December 2011, then the 31st."""
        found = keys(recurrence("FREQ=DAILY", start, "Pacific/Apia"), 3)

        assert ["20111229", "20111231", "20120101"] == [key[:8] for key in found]

    def test_an_all_day_occurrence_begins_where_midnight_is_missing(self):
        """Beirut, 29 March 2026: the day begins at 01:00, and is due when the next begins."""
        found = recurrence("FREQ=WEEKLY", "2026-03-29", "Asia/Beirut").first()

        assert ("20260329", datetime(2026, 3, 28, 22, tzinfo=UTC)) == (found.key, found.at)
        assert Due(DueKind.ALL_DAY, date(2026, 3, 29), None, "Asia/Beirut") == found.due
        assert datetime(2026, 3, 29, 21, tzinfo=UTC) == found.due.at

    def test_a_timed_occurrence_is_due_when_it_starts(self):
        """Its due is zoned, and the same instant."""
        found = recurrence("FREQ=DAILY", "2027-03-28T02:30").first()

        assert Due(DueKind.ZONED, date(2027, 3, 28), time(2, 30), BERLIN) == found.due
        assert found.at == found.due.at


class TestNamedTraps:
    """Rules whose meaning people argue about."""

    @pytest.mark.parametrize(
        ("rule", "start", "expected"),
        [
            ("FREQ=MONTHLY", "2026-01-31", ["20260131", "20260331", "20260531", "20260731"]),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "2028-01-31",
                ["20280131", "20280229", "20280331", "20280430"],
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
                "2027-01-31",
                ["20270131", "20270228", "20270331", "20270430"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR",
                "2026-01-01",
                ["20260130", "20260227", "20260327", "20260424"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=5MO",
                "2026-01-01",
                ["20260330", "20260629", "20260831", "20261130"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                "2026-01-01",
                ["20260130", "20260227", "20260331", "20260430"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
                "2026-01-01",
                ["20260213", "20260313", "20261113", "20270813"],
            ),
            ("FREQ=YEARLY", "2028-02-29", ["20280229", "20320229", "20360229", "20400229"]),
            ("FREQ=YEARLY", "2096-02-29", ["20960229"]),
            (
                "FREQ=DAILY;INTERVAL=10",
                "2026-12-25",
                ["20261225", "20270104", "20270114", "20270124"],
            ),
            # RFC 5545's own example: the week's start decides which weeks are skipped.
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO",
                "1997-08-05",
                ["19970805", "19970810", "19970819", "19970824"],
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
                "1997-08-05",
                ["19970805", "19970817", "19970819", "19970831"],
            ),
            ("FREQ=DAILY;COUNT=2", "2026-01-01", ["20260101", "20260102"]),
            ("FREQ=DAILY;COUNT=1", "2026-01-01", ["20260101"]),
            ("FREQ=DAILY;UNTIL=20260102", "2026-01-01", ["20260101", "20260102"]),
            ("FREQ=DAILY;UNTIL=20260102", "2026-01-01T23:59", ["20260101T2359", "20260102T2359"]),
            (
                "FREQ=DAILY;UNTIL=20260102T080000Z",
                "2026-01-01T09:00",
                ["20260101T0900", "20260102T0900"],
            ),
            ("FREQ=DAILY;UNTIL=20260102T075959Z", "2026-01-01T09:00", ["20260101T0900"]),
            ("FREQ=DAILY", "2100-12-30", ["21001230", "21001231"]),
        ],
    )
    def test_the_rule_means(self, rule, start, expected):
        """Short months are skipped unless the rule says "last"; ends are inclusive."""
        assert expected == keys(recurrence(rule, start))

    def test_a_start_that_does_not_fit_is_left_out_and_not_counted(self):
        """Every Monday, twice, from a Wednesday: the two Mondays after it."""
        found = keys(recurrence("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "2026-02-04"))

        assert ["20260209", "20260216"] == found

    @pytest.mark.parametrize("key", ["", "x", "20260230", "20260101T2500", "20260101T09", "../x"])
    def test_a_key_of_another_shape_is_refused(self, key):
        """Keys come from documents; none becomes a day by accident."""
        with pytest.raises(InvalidArgument):
            recurrence("FREQ=DAILY", "2026-01-01").occurrence(key)

    def test_a_naive_moment_is_a_mistake(self):
        """It would silently be read in the machine's zone."""
        with pytest.raises(ValueError, match="aware"):
            recurrence("FREQ=DAILY", "2026-01-01").after(datetime(2026, 1, 1))  # noqa: DTZ001


class TestUnlikeDateutil:
    """Where dateutil strays from RFC 5545 and we do not."""

    def test_positions_count_in_the_whole_of_the_first_week(self):
        """From a Wednesday, Monday is past and was the first; dateutil takes Friday."""
        found = keys(recurrence("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1", "2026-02-04"), 2)

        assert ["20260209", "20260216"] == found

    def test_numbered_and_plain_weekdays_add_up(self):
        """Every Monday and the last Friday; dateutil asks for days that are both."""
        found = keys(recurrence("FREQ=MONTHLY;BYDAY=MO,-1FR", "2026-02-20"), 4)

        assert ["20260223", "20260227", "20260302", "20260309"] == found


class TestAfterCompletion:
    """Recurrence.after_completion: the interval counts from the day it was done."""

    @pytest.mark.parametrize(
        ("rule", "done_at", "expected"),
        [
            ("FREQ=DAILY;INTERVAL=3", "2026-02-10T18:00Z", "20260213T0900"),
            ("FREQ=WEEKLY", "2026-02-10T18:00Z", "20260217T0900"),
            ("FREQ=MONTHLY", "2026-01-31T12:00Z", "20260228T0900"),
            ("FREQ=MONTHLY;INTERVAL=13", "2027-01-31T12:00Z", "20280229T0900"),
            ("FREQ=YEARLY", "2028-02-29T12:00Z", "20290228T0900"),
            # Already the 11th in Berlin.
            ("FREQ=DAILY", "2026-02-10T23:30Z", "20260212T0900"),
            ("FREQ=DAILY;INTERVAL=2;UNTIL=20260212", "2026-02-10T12:00Z", "20260212T0900"),
            ("FREQ=DAILY;INTERVAL=3;UNTIL=20260212", "2026-02-10T12:00Z", None),
            ("FREQ=YEARLY;INTERVAL=1000", "2026-02-10T12:00Z", None),
        ],
    )
    def test_it_comes_one_interval_after_the_local_day_it_was_done(self, rule, done_at, expected):
        """At the start's time; where the month is too short, on its last day."""
        subject = recurrence(rule, "2025-06-02T09:00")

        found = subject.after_completion(datetime.fromisoformat(done_at))
        assert expected == (found and found.key)

    @pytest.mark.parametrize(
        ("done", "done_at", "expected"),
        [
            ("20260213", "2026-02-09T12:00Z", "20260216"),
            ("20260213", "2026-02-10T12:00Z", "20260216"),
            ("20260213", "2026-02-11T12:00Z", "20260214"),
            ("20260213", "2026-03-01T12:00Z", "20260304"),
        ],
    )
    def test_done_early_no_key_comes_twice(self, done, done_at, expected):
        """Three days after a Tuesday would be the very Friday that was done."""
        subject = recurrence("FREQ=DAILY;INTERVAL=3", "2026-02-01")

        found = subject.after_completion(datetime.fromisoformat(done_at), done=done)
        assert found is not None
        assert expected == found.key

    @pytest.mark.parametrize(
        "rule", ["FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=DAILY;COUNT=3"]
    )
    def test_rules_that_name_days_or_count_are_refused(self, rule):
        """They have no meaning when each interval begins with the last completion."""
        subject = recurrence(rule, "2026-02-02")

        with pytest.raises(InvalidArgument) as refused:
            subject.check_counts_from_completion()
        assert "invalid-recurrence" == refused.value.code


class TestStart:
    """Start.from_fields"""

    @pytest.mark.parametrize("at", [None, "09:00", "00:00"])
    def test_a_start_survives_being_stored(self, at):
        """With a time, at midnight, or all day."""
        fields = {"date": "2026-03-29", "time": at, "tz": BERLIN}

        assert fields == Start.from_fields(fields).to_fields()

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            (None, "/start"),
            ([], "/start"),
            ({"date": "2026-03-29", "tz": "UTC", "kind": "zoned"}, "/start"),
            ({"tz": "UTC"}, "/start/date"),
            ({"date": "2026-02-30", "tz": "UTC"}, "/start/date"),
            ({"date": "2026-03-29", "time": "24:00", "tz": "UTC"}, "/start/time"),
            ({"date": "2026-03-29", "time": "09:00"}, "/start/tz"),
            ({"date": "2026-03-29", "tz": "../x"}, "/start/tz"),
        ],
    )
    def test_a_malformed_start_is_refused_with_a_pointer(self, fields, pointer):
        """Each fault names its place."""
        with pytest.raises(InvalidArgument) as refused:
            Start.from_fields(fields)

        assert [pointer] == [fault.pointer for fault in refused.value.faults]
