"""Quiet hours: over midnight, one span after the other, and where clocks change in the night."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backend.notifications.preferences import WEEKDAYS
from backend.notifications.quiet import LONGEST, QuietSpan, quiet_until
from tests.unit.quiet_oracle import quiet_until_by_minutes
from tests.unit.zone_changes import clock_changes

NIGHT = QuietSpan(time(22), time(7))
# By half an hour, by two, over midnight, before Ramadan and after it, and never.
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "UTC",
)
AUTUMN = datetime(2026, 10, 25, 12, tzinfo=UTC)
MOMENTS = {tz: sorted({change.at for change in clock_changes(tz)[:4]} | {AUTUMN}) for tz in ZONES}
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, as far as quiet goes."""

    quiet_hours: dict[int, QuietSpan] = field(default_factory=dict)


def every_day(start: str, end: str) -> Wish:
    """Return who wants the same quiet on each day of the week."""
    return Wish(dict.fromkeys(WEEKDAYS, span(start, end)))


def span(start: str, end: str) -> QuietSpan:
    """Read a span."""
    return QuietSpan(time.fromisoformat(start), time.fromisoformat(end))


def utc(text: str) -> datetime:
    """Read an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Times near one another, so that spans touch, overlap, and lie where clocks change.
near_changes = some.sampled_from(
    [time(hour, minute) for hour in (0, 1, 2, 3, 22, 23) for minute in (0, 1, 30, 59)]
)
times = near_changes | some.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = some.dictionaries(some.sampled_from(WEEKDAYS), some.builds(QuietSpan, times, times))
zones = some.sampled_from(ZONES)
offsets = some.integers(-(36 * 3600), 36 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@some.composite
def moments(draw) -> tuple[str, datetime]:
    """A zone, and an instant less than two days from a change of its clocks."""
    tz = draw(zones)
    return tz, draw(some.sampled_from(MOMENTS[tz])) + draw(offsets)


class TestQuietUntil:
    """quiet_until(preferences, tz, at)"""

    @pytest.mark.parametrize(
        ("at", "until"),
        [
            ("2026-07-01T19:59:59", None),
            ("2026-07-01T20:00:00", "2026-07-02T05:00:00"),
            ("2026-07-02T00:30:00", "2026-07-02T05:00:00"),
            ("2026-07-02T04:59:59", "2026-07-02T05:00:00"),
            ("2026-07-02T05:00:00", None),
        ],
    )
    def test_a_night_over_midnight(self, at, until):
        """From ten in the evening until seven, by the clocks of Berlin."""
        wish = every_day("22:00", "07:00")

        assert (utc(until) if until else None) == quiet_until(wish, "Europe/Berlin", utc(at))

    def test_only_the_weekday_on_which_it_begins(self):
        """Friday's night lasts into Saturday; Saturday has none of its own."""
        wish = Wish({5: NIGHT})

        found = [
            quiet_until(wish, "UTC", utc(at))
            for at in (
                "2026-07-02T23:00",
                "2026-07-03T23:00",
                "2026-07-04T06:00",
                "2026-07-04T23:00",
            )
        ]

        assert [None, utc("2026-07-04T07:00"), utc("2026-07-04T07:00"), None] == found

    def test_what_touches_is_one(self):
        """A person who is held until midnight, and from midnight on, is not woken at midnight."""
        wish = Wish(
            {5: span("20:00", "00:00"), 6: span("00:00", "10:00"), 7: span("10:01", "11:00")}
        )

        assert utc("2026-07-04T10:00") == quiet_until(wish, "UTC", utc("2026-07-03T21:00"))

    def test_the_same_start_and_end_are_a_whole_day(self):
        """From Sunday noon until Monday noon, and no longer."""
        wish = Wish({7: span("12:00", "12:00")})

        assert utc("2026-07-06T12:00") == quiet_until(wish, "UTC", utc("2026-07-05T12:00"))
        assert None is quiet_until(wish, "UTC", utc("2026-07-06T12:00"))

    def test_always_ends_once_a_week(self):
        """Nothing is held for good."""
        at = utc("2026-07-05T12:00")

        assert at + LONGEST == quiet_until(every_day("00:00", "00:00"), "UTC", at)

    def test_clocks_that_go_back_wake_nobody_in_between(self):
        """02:00 to 03:00 comes twice in Berlin; quiet until 02:30 ends the second time."""
        wish = every_day("22:00", "02:30")

        assert utc("2026-10-25T01:30") == quiet_until(
            wish, "Europe/Berlin", utc("2026-10-24T21:00")
        )

    def test_an_end_when_clocks_go_back_comes_the_first_time(self):
        """Nothing of 22:00 to 02:00 is shown twice, so it is no hour longer."""
        wish = every_day("22:00", "02:00")

        assert utc("2026-10-25T00:00") == quiet_until(
            wish, "Europe/Berlin", utc("2026-10-24T21:00")
        )

    def test_an_end_that_clocks_skip_comes_at_the_end_of_the_gap(self):
        """02:30 does not exist in Berlin that night: 03:00 is the next there is."""
        wish = every_day("22:00", "02:30")

        assert utc("2027-03-28T01:00") == quiet_until(
            wish, "Europe/Berlin", utc("2027-03-27T22:00")
        )

    def test_a_span_that_clocks_skip_is_none(self):
        """02:10 to 02:50 does not exist in Berlin that night."""
        wish = every_day("02:10", "02:50")
        around = [utc("2027-03-28T00:59:59"), utc("2027-03-28T01:00:00")]

        assert [None, None] == [quiet_until(wish, "Europe/Berlin", at) for at in around]

    def test_a_day_that_its_zone_left_out(self):
        """Friday, 30 December 2011 in Samoa: what began on it begins when it is over."""
        wish = Wish({5: NIGHT})

        found = quiet_until(wish, "Pacific/Apia", utc("2011-12-30T10:00"))

        assert utc("2011-12-30T17:00") == found

    def test_clocks_that_go_back_over_midnight(self):
        """Sunday 00:01 was Saturday 23:01 again in St. John's: Friday's span still lasts then."""
        wish = Wish({5: span("23:50", "23:40")})

        found = quiet_until(wish, "America/St_Johns", utc("2010-11-07T02:30:30"))

        assert utc("2010-11-07T03:10") == found

    @pytest.mark.parametrize("tz", ["", "Mars/Olympus", "../../etc/passwd", "Factory"])
    def test_a_zone_that_is_none_counts_as_utc(self, tz):
        """Apps write it, and a person of an odd account is still not woken at random."""
        at = utc("2026-07-01T23:00")

        assert utc("2026-07-02T07:00") == quiet_until(every_day("22:00", "07:00"), tz, at)

    @settings(max_examples=600, deadline=None)
    @given(moments(), hours)
    def test_it_is_what_one_sees_by_looking_every_minute(self, moment, spans):
        """Any spans, any weekdays, near any change of clocks: as the oracle has it."""
        tz, at = moment

        assert quiet_until_by_minutes(spans, tz, at) == quiet_until(Wish(spans), tz, at)

    @settings(max_examples=300, deadline=None)
    @given(moments(), hours)
    def test_its_end_is_no_longer_quiet_and_all_before_it_is(self, moment, spans):
        """So that what is released then is not held again, and nothing is released before."""
        tz, at = moment
        wish = Wish(spans)

        until = quiet_until(wish, tz, at)

        if until is None or until - at == LONGEST:
            return
        middle = at + (until - at) / 2
        assert [until, until, None] == [
            quiet_until(wish, tz, moment) for moment in (middle, until - SECOND, until)
        ]

    @settings(max_examples=300, deadline=None)
    @given(moments(), hours, some.sampled_from(WEEKDAYS))
    def test_less_quiet_never_lasts_longer(self, moment, spans, day):
        """Taking a weekday away makes nothing quiet that was not, and no quiet longer."""
        tz, at = moment
        fewer = {each: kept for each, kept in spans.items() if each != day}

        before, after = quiet_until(Wish(spans), tz, at), quiet_until(Wish(fewer), tz, at)

        assert (after or at) <= (before or at)
