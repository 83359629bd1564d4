"""Which digest comes when: one for each local day, by clocks that jump and clocks that repeat."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.digests.model import DigestKind, Planned, next_digest
from backend.digests.timers import digest_timers, next_timer, planned_by, timer_id
from backend.kit.documents import Withdraw
from backend.kit.errors import InvalidArgument
from backend.kit.ids import checked
from backend.kit.wallclock import zone
from backend.notifications.preferences import Preferences, Weekly
from backend.timers.alarm import Alarm
from backend.timers.model import TimerKind
from tests.unit.zone_changes import distinct_zones

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# One of each set whose clocks change alike; "Factory" is how tzdata says that nobody has set one.
ZONES = [each for each in distinct_zones() if each != "Factory"]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BERLIN, NUUK, APIA, LORD_HOWE = (
    "Europe/Berlin",
    "America/Nuuk",
    "Pacific/Apia",
    "Australia/Lord_Howe",
)


def daily(at: str) -> Preferences:
    return Preferences(daily=time.fromisoformat(at))


def weekly(day: int, at: str) -> Preferences:
    return Preferences(weekly=Weekly(day, time.fromisoformat(at)))


def digests(
    kind: DigestKind, wanted: Preferences, tz: str, after: datetime, number: int
) -> Iterator[tuple[Planned, datetime]]:
    """So many digests in a row, each planned when the one before has come."""
    for _ in range(number):
        found = next_digest(kind, wanted, tz, after)
        assert found is not None
        yield found
        after = found[1]


def first_reached(day: date, at: time, tz: str) -> datetime:
    """The first minute at which clocks show a local time or a later one: by looking at each."""
    wanted = datetime.combine(day, at)
    instant = wanted.replace(tzinfo=UTC) - timedelta(hours=27)
    while instant.astimezone(zone(tz)).replace(tzinfo=None) < wanted:
        instant += MINUTE
    return instant


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestDaily:
    """Once a local day, at the hour that was chosen."""

    @pytest.mark.parametrize(
        ("tz", "at", "day", "expected"),
        [
            (BERLIN, "08:00", "2026-10-25", "2026-10-25T07:00"),
            (BERLIN, "08:00", "2027-03-28", "2027-03-28T06:00"),
            (BERLIN, "02:30", "2027-03-28", "2027-03-28T01:00"),  # There is no 02:30.
            (BERLIN, "02:30", "2026-10-25", "2026-10-25T00:30"),  # There are two: the first.
            (NUUK, "23:30", "2027-03-27", "2027-03-28T01:00"),  # The day ends at 23:00.
            (LORD_HOWE, "02:15", "2026-10-04", "2026-10-03T15:30"),  # Half an hour is left out.
        ],
    )
    def test_where_clocks_change(self, tz: str, at: str, day: str, expected: str):
        """What is left out comes behind the gap; what is shown twice, the first time."""
        planned = Planned(DigestKind.DAILY, date.fromisoformat(day), tz)

        assert utc(expected) == planned.at(daily(at))

    @pytest.mark.parametrize("seed", range(40))
    def test_any_zone_day_and_time(self, seed: int):
        """It agrees with whoever looks at a clock each minute; and so do those of 400 days."""
        chance = random.Random(seed)
        tz = chance.choice(ZONES)
        at = time(chance.randrange(24), chance.choice([0, 1, 15, 30, 59]))
        begin = NOON + chance.randrange(2000) * DAY
        wanted = daily(f"{at:%H:%M}")

        found = list(digests(DigestKind.DAILY, wanted, tz, begin, 400))

        days = [planned.day for planned, _ in found]
        assert days == [days[0] + number * DAY for number in range(400)]
        for planned, came_at in [found[0], *chance.sample(found, 4), *_odd(found)]:
            assert (tz, at, planned.day, came_at) == (
                tz,
                at,
                planned.day,
                first_reached(planned.day, at, tz),
            )

    def test_a_day_that_was_left_out_has_none(self):
        """Samoa went from 29 to 31 December 2011."""
        found = digests(DigestKind.DAILY, daily("08:00"), APIA, utc("2011-12-29T00:00"), 3)

        assert [29, 31, 1] == [planned.day.day for planned, _ in found]

    def test_the_instant_itself_is_not_after_it(self):
        """So that planning on from a digest leads to the next, not to itself."""
        planned, at = next(digests(DigestKind.DAILY, daily("08:00"), BERLIN, NOON, 1))
        following, _ = next(digests(DigestKind.DAILY, daily("08:00"), BERLIN, at, 1))

        assert planned.day + DAY == following.day

    def test_nobody_who_wants_none_gets_one(self):
        """Neither kind, unless it is asked for."""
        assert [None, None] == [next_digest(k, Preferences(), "UTC", NOON) for k in DigestKind]


class TestWeekly:
    """Once a week, on the weekday that was chosen."""

    @pytest.mark.parametrize("day", range(1, 8))
    def test_on_its_weekday(self, day: int):
        """Ten weeks over the end of summer, at the same local hour."""
        found = list(
            digests(DigestKind.WEEKLY, weekly(day, "18:30"), BERLIN, utc("2026-09-20T00:00"), 10)
        )

        assert {day} == {planned.day.isoweekday() for planned, _ in found}
        assert {7 * DAY} == {b.day - a.day for (a, _), (b, _) in itertools.pairwise(found)}
        assert {"18:30"} == {f"{at.astimezone(zone(BERLIN)):%H:%M}" for _, at in found}

    def test_a_weekday_that_was_left_out(self):
        """The Friday that Samoa did not have: the next one is a week later."""
        found = digests(DigestKind.WEEKLY, weekly(5, "08:00"), APIA, utc("2011-12-25T00:00"), 2)

        assert [date(2012, 1, 6), date(2012, 1, 13)] == [planned.day for planned, _ in found]


class TestSpan:
    """Which days it looks back and ahead at."""

    def test_a_day(self):
        """Yesterday from its first to its last instant, and today up to its end."""
        planned = Planned(DigestKind.DAILY, date(2026, 10, 25), BERLIN)

        assert (
            utc("2026-10-23T22:00"),
            utc("2026-10-24T22:00"),
            utc("2026-10-25T23:00"),  # A day of twenty-five hours.
        ) == (planned.done_since, planned.day_begins_at, planned.looks_until)

    def test_a_week(self):
        """Seven days back, and seven ahead, today among them."""
        planned = Planned(DigestKind.WEEKLY, date(2026, 10, 26), BERLIN)

        assert (utc("2026-10-18T22:00"), utc("2026-10-25T23:00"), utc("2026-11-01T23:00")) == (
            planned.done_since,
            planned.day_begins_at,
            planned.looks_until,
        )

    @pytest.mark.parametrize(
        ("kind", "came_at", "still", "over"),
        [
            (DigestKind.DAILY, "08:00", "23:59", "1T00:00"),
            (DigestKind.DAILY, "23:30", "1T00:29", "1T00:30"),  # An hour at the least.
            (DigestKind.WEEKLY, "08:00", "1T23:59", "2T00:00"),
        ],
    )
    def test_too_late(self, kind: DigestKind, came_at: str, still: str, over: str):
        """When its day is over it is; that of a week has another day."""

        def instant(text: str) -> datetime:
            days, _, at = text.rpartition("T")
            return utc(f"2026-11-20T{at}") + int(days or 0) * DAY

        planned = Planned(kind, date(2026, 11, 20), "UTC")

        assert [False, True] == [
            planned.is_stale(instant(came_at), instant(now)) for now in (still, over)
        ]


class TestTimers:
    """What stands in the database of all this."""

    def test_both_are_set_or_withdrawn(self):
        """Whatever stood there: each has an id of its own, for good."""
        outbox = digest_timers("ann", daily("08:00"), BERLIN, NOON)
        (timer,) = outbox.timers

        assert (TimerKind.DIGEST, utc("2026-11-21T07:00")) == (timer.kind, timer.fire_at)
        assert timer_id("ann", DigestKind.DAILY) == timer.id
        assert Withdraw(f"timers/{timer_id('ann', DigestKind.WEEKLY)}") in outbox.writes
        assert 2 == len(outbox.writes)

    @pytest.mark.parametrize("tz", [*ZONES[:5], "Etc/GMT+5", "America/Port-au-Prince"])
    def test_an_alarm_says_which_digest_it_is(self, tz: str):
        """Kind, day and zone, all in letters that an id may have."""
        both = Preferences(daily=time(8), weekly=Weekly(3, time(9)))
        for kind in DigestKind:
            timer = next_timer("ann", kind, both, tz, NOON)
            assert timer is not None
            subject = {name: checked(text) for name, text in timer.subject.items()}
            planned = planned_by(Alarm(timer.id, subject))

            assert (kind, tz, timer.fire_at) == (planned.kind, planned.tz, planned.at(both))

    def test_what_is_no_zone_counts_as_utc(self):
        """Apps write the zone, and the rules look at its letters only."""
        timer = next_timer("ann", DigestKind.DAILY, daily("08:00"), "Mars/Olympus", NOON)

        assert timer is not None
        assert utc("2026-11-21T08:00") == timer.fire_at

    @pytest.mark.parametrize(
        "subject", [{}, {"digest": "hourly"}, {"day": "yesterday"}, {"day": "2026-02-30"}]
    )
    def test_an_alarm_that_says_nothing_of_use(self, subject: dict[str, str]):
        """It is refused for good, not repeated."""
        whole = {"digest": "daily", "day": "2026-11-20", "zone": b"UTC".hex()}

        with pytest.raises(InvalidArgument):
            planned_by(Alarm("t", {**whole, **subject} if subject else {}))


def _odd(found: list[tuple[Planned, datetime]]) -> list[tuple[Planned, datetime]]:
    """Return those whose distance from the one before is no day: clocks have changed."""
    return [b for a, b in itertools.pairwise(found) if b[1] - a[1] != DAY][:4]
