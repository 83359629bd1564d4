"""Figure R7: rules over every clock change of 2024 to 2032, in every zone there is."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from backend.kit.wallclock import zone
from backend.recurrence.model import Occurrence, Recurrence, Rule, Start
from backend.recurrence.rule_text import Freq
from tests.unit.recurrence_oracle import DAYS, days_picked
from tests.unit.zone_changes import FIRST, ClockChange, clock_changes, distinct_zones, zones

NONE = timedelta(microseconds=1)

# By kind: a rule that has the day of the change, and how many days before it starts.
KINDS = {
    "every day": ("FREQ=DAILY", 3),
    "every third day": ("FREQ=DAILY;INTERVAL=3", 6),
    "every week": ("FREQ=WEEKLY", 14),
    "every second week, twice": ("FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday},WE", 28),
    "every workday and that": ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,{weekday}", 4),
    "every month": ("FREQ=MONTHLY;BYMONTHDAY={day}", 70),
    "every month, from its end": ("FREQ=MONTHLY;BYMONTHDAY=-1,{day}", 70),
    "every month, by weekday": ("FREQ=MONTHLY;BYDAY={nth}{weekday}", 70),
    "every year": ("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}", 800),
    "every year, by weekday": ("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{weekday}", 800),
}
HOURS = {"every hour": ("FREQ=HOURLY", 2), "every six hours": ("FREQ=HOURLY;INTERVAL=6", 3)}


def around(change: ClockChange, kind: str, at: time | None) -> Recurrence:
    """A recurrence that comes on the day of the change, and began before it."""
    text, back = (KINDS | HOURS)[kind]
    day = change.middle.date()
    begins = day - timedelta(days=back)
    nth, weekday = (day.day - 1) // 7 + 1, DAYS[day.weekday()]
    text = text.format(weekday=weekday, day=day.day, nth=nth, month=day.month)
    return Recurrence(Rule.parse(text), Start(begins, at, change.tz))


def times(change: ClockChange) -> list[time | None]:
    """Times of day around what is skipped or shown twice; None: all day."""
    shown = [change.shown_before, change.middle, change.shown_after]
    return [None, time(0), time(23, 59), *(each.time().replace(second=0) for each in shown)]


def found_around(subject: Recurrence, change: ClockChange) -> list[Occurrence]:
    """The occurrences from the start, or from 2024, to some days after the change."""
    # Of 28 October 2023 in Nuuk, 23:00 to 24:00, CPython's zoneinfo gives a wrong offset: there
    # the table of transitions ends, with one that changes nothing.
    since = datetime.combine(subject.start.day, time.min, change.at.tzinfo) - timedelta(days=2)
    after = timedelta(days=3 if subject.rule.freq is Freq.HOURLY else 40)
    found = subject.between(since, change.at + after, 2000)
    return [each for each in found if each.day >= FIRST.date()]


@cache
def oracle(text: str, start: date, last: date) -> list[date]:
    """The days from 2024 on that the oracle picks; many zones ask for the same."""
    return [day for day in days_picked(text, start, last) if day >= FIRST.date()]


@pytest.fixture
def changes(pytestconfig: pytest.Config) -> Iterator[ClockChange]:
    """All of them under `--long`; otherwise a few of each set of zones that change alike."""
    if pytestconfig.getoption("--long"):
        return (change for tz in zones() for change in clock_changes(tz))
    random = Random("changes")
    chosen = (tz for tz in distinct_zones() if clock_changes(tz))
    return (change for tz in chosen for change in random.sample(clock_changes(tz)[:4], k=1))


@pytest.mark.timeout(3600)
class TestEveryClockChange:
    """One occurrence a period, strictly rising, never in a gap."""

    def test_there_are_many(self):
        """Zones, and changes in them: else the tests below would prove nothing."""
        assert len(zones()) > 500
        assert len(distinct_zones()) > 30
        assert 18 == len(clock_changes("Europe/Berlin"))
        assert () == clock_changes("Asia/Tokyo")

    def test_one_occurrence_a_period(self, changes):
        """Exactly the days that the oracle names, each once, at the local time that is meant."""
        for change in changes:
            for kind in KINDS:
                for at in times(change):
                    subject = around(change, kind, at)
                    found = found_around(subject, change)
                    last = change.at.astimezone(zone(change.tz)).date() + timedelta(days=35)
                    days = oracle(subject.rule.text, subject.start.day, last)

                    assert days == [each.day for each in found if each.day <= last], (change, kind)
                    assert change.middle.date() in days
                    assert all(one.at < two.at for one, two in pairwise(found)), (change, kind, at)
                    assert all(is_as_clocks_show(each) for each in found), (change, kind, at)

    def test_hours_are_equally_long(self, changes):
        """Those of UTC are."""
        for change in changes:
            for kind in HOURS:
                subject = around(change, kind, change.middle.time())
                found = found_around(subject, change)

                lengths = {two.at - one.at for one, two in pairwise(found)}
                assert {timedelta(hours=subject.rule.interval)} == lengths, (change, kind)

    def test_asked_at_any_moment_the_next_one_is_the_next(self, changes):
        """Just before the change, at it, and just after it."""
        for change in changes:
            for kind in KINDS | HOURS:
                subject = around(change, kind, change.middle.time())
                found = found_around(subject, change)
                for moment in (change.at - NONE, change.at, change.at + NONE):
                    later = [each for each in found if each.at > moment]
                    earlier = [each for each in found if each.at <= moment]

                    assert later[:1] == subject.between(moment, found[-1].at, 1), (change, kind)
                    if earlier:  # Else it was in 2023, or there was none.
                        assert earlier[-1] == subject.previous(moment), (change, kind)


def is_as_clocks_show(found: Occurrence) -> bool:
    """Whether clocks show what is meant, for the first time; or have just jumped over it."""
    here = zone(found.tz)
    meant = datetime.combine(found.day, found.time or time.min)
    shown = found.at.astimezone(here)
    if shown.replace(tzinfo=None) == meant:
        return shown.fold == 0
    before = (found.at - NONE).astimezone(here).replace(tzinfo=None)
    return before < meant < shown.replace(tzinfo=None)


def test_a_zone_without_changes_has_one_a_day():
    """For comparison."""
    subject = Recurrence(
        Rule.parse("FREQ=DAILY"), Start(date(2024, 1, 1), time(2, 30), "Asia/Tokyo")
    )
    found = subject.between(
        subject.first().at - NONE, subject.first().at + timedelta(days=3000), 9999
    )

    assert {timedelta(days=1)} == {two.at - one.at for one, two in pairwise(found)}
