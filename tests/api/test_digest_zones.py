"""Digests where clocks change, and for people who travel: once a local day, at the right hour."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.api.digesting import (
    DAY,
    HOUR,
    at_local,
    comes_at,
    digests,
    let_come,
    looked_at,
    open_task,
    rings,
    wants,
)
from tests.api.noticing import has_mail
from tests.api.world import Caller, World

TEN_DAYS = range(10)
# Where each lives, when their digest comes, and the day in the middle on which clocks change.
# Four clocks go forward within these days, one goes back, one never changes.
HOMES = {
    "Ada": ("Europe/Berlin", "08:00"),
    "Ben": ("Europe/London", "01:30"),  # Which there is not on 28 March.
    "Cem": ("America/Nuuk", "23:30"),  # Nor this: 27 March is over at 23:00.
    "Dov": ("Asia/Jerusalem", "06:45"),
    "Eva": ("Pacific/Auckland", "02:15"),  # Which there is twice on 4 April.
    "Fay": ("Asia/Kathmandu", "00:00"),
}
FIRST_DAY = date(2027, 3, 26)


def everybody(world: World) -> dict[str, Caller]:
    """Six people in six zones, each with something that is late, so that there is much to tell."""
    people = {}
    for name, (tz, at) in HOMES.items():
        person = people[name] = world.person(name)
        world.database.document(f"users/{person.uid}").update({"timezone": tz})
        has_mail(world, person)
        open_task(world, person.uid, person, "Late", world.clock.now() - DAY)
        wants(world, person, daily=at)
    return people


def wall(instant: datetime, tz: str) -> str:
    return f"{instant.astimezone(ZoneInfo(tz)):%Y-%m-%d %H:%M}"


def pass_days(world: World, people: Iterable[Caller], ends_at: datetime) -> None:
    """Let time pass from digest to digest."""
    everyone = list(people)
    while (at := min(filter(None, (comes_at(world, each) for each in everyone)))) <= ends_at:
        world.clock.move_to(at)
        rings(world)
    world.clock.move_to(ends_at)


class TestClocksChange:
    """Ten days in spring, in six zones."""

    def test_each_gets_one_a_day_at_their_own_hour(self, world: World):
        """Ten each, in inbox and mail; behind the gap where the hour is left out, never twice."""
        world.clock.move_to(at_local("2027-03-25", "12:00", "UTC"))
        people = everybody(world)
        begins_at = world.clock.now()

        pass_days(world, people.values(), begins_at + 11 * DAY)

        for name, (tz, at) in HOMES.items():
            found = digests(world, people[name])
            days = [date.fromisoformat(each["values"]["day"]) for each in found]
            came = [wall(each["createdAt"], tz) for each in found]
            wanted = [f"{day} {at}" for day in days]
            odd = {d: c for d, c, w in zip(days, came, wanted, strict=True) if c != w}

            assert [b - a for a, b in pairwise(days)] == [DAY] * (len(days) - 1), name
            assert {FIRST_DAY + number * DAY for number in TEN_DAYS} <= set(days), name
            assert ODD.get(name, {}) == odd, name
            mails = world.mails(f"{name.lower()}@example.com")
            assert len(found) == len(mails), name

    def test_a_week_is_a_week_of_days_as_clocks_show_them(self, world: World):
        """Where the week has an hour less, the weekly one comes an hour earlier by UTC."""
        world.clock.move_to(at_local("2027-03-19", "12:00", "UTC"))
        ann = world.person("Ann")
        world.database.document(f"users/{ann.uid}").update({"timezone": "Europe/Berlin"})
        open_task(world, ann.uid, ann, "Late", world.clock.now() - DAY)
        wants(world, ann, weekly=(1, "08:00"))
        at = []
        for _ in range(3):
            let_come(world, ann, "weekly")
            at.append(world.clock.now())

        assert [
            at_local(day, "08:00", "Europe/Berlin")
            for day in ("2027-03-22", "2027-03-29", "2027-04-05")
        ] == at
        assert 7 * DAY - HOUR == at[1] - at[0]


# Those digests that did not come at their hour, because on that day there was no such hour.
ODD = {
    "Ben": {date(2027, 3, 28): "2027-03-28 02:00"},
    "Cem": {date(2027, 3, 27): "2027-03-28 00:00"},
}


class TestTravelling:
    """Somebody is in another zone than when their digest was planned."""

    @pytest.fixture
    def ann(self, world: World) -> Caller:
        """Somebody in Berlin who gets a digest at eight, with something to tell every day."""
        world.clock.move_to(at_local("2027-02-01", "05:00", "Europe/Berlin"))
        person = world.person("Ann")
        open_task(world, person.uid, person, "Late", world.clock.now() - DAY)
        flies(world, person, "Europe/Berlin")
        wants(world, person, daily="08:00")
        return person

    @pytest.mark.parametrize(
        ("tz", "days"),
        [
            # West: it is still the same day there, which has had its digest.
            ("America/Los_Angeles", ["2027-02-01", "2027-02-02"]),
            ("Pacific/Honolulu", ["2027-02-01", "2027-02-02"]),
            # East: the next morning comes sooner.
            ("Asia/Tokyo", ["2027-02-01", "2027-02-02"]),
            ("Pacific/Kiritimati", ["2027-02-01", "2027-02-02"]),
        ],
    )
    def test_no_local_day_has_two(self, world: World, ann: Caller, tz: str, days: list[str]):
        """Whoever flies after breakfast has the next one at eight where they are then."""
        let_come(world, ann)
        world.clock.advance(HOUR)
        flies(world, ann, tz)
        looked_at(world, ann)

        pass_days(world, [ann], world.clock.now() + timedelta(hours=40))

        found = digests(world, ann)
        assert days == [each["values"]["day"] for each in found][:2]
        assert len(found) == len({each["values"]["day"] for each in found})
        assert {"08:00"} == {wall(each["createdAt"], tz)[-5:] for each in found[1:]}

    def test_over_the_date_line_and_back(self, world: World, ann: Caller):
        """From day to day between Tokyo and Honolulu, for ten days: each date once at the most."""
        for number in TEN_DAYS:
            tz = ("Asia/Tokyo", "Pacific/Honolulu")[number % 2]
            flies(world, ann, tz)
            looked_at(world, ann)
            pass_days(world, [ann], world.clock.now() + DAY)

        days = [each["values"]["day"] for each in digests(world, ann)]
        assert len(days) == len(set(days))
        assert sorted(days) == days
        assert 4 <= len(days)

    @pytest.mark.parametrize("tz", ["Europe/Paris", "Europe/London", "Europe/Athens"])
    def test_a_move_that_nobody_has_looked_at(self, world: World, ann: Caller, tz: str):
        """The doorbell was lost: what was planned for Berlin comes when it is eight there."""
        flies(world, ann, tz)

        pass_days(world, [ann], at_local("2027-02-02", "12:00", tz))

        came = [wall(each["createdAt"], tz) for each in digests(world, ann)]
        assert {"08:00"} == {each[-5:] for each in came}
        # In Athens it was nine when Berlin's digest came to be planned anew: the next day's.
        days = ["2027-02-02"] if tz == "Europe/Athens" else ["2027-02-01", "2027-02-02"]
        assert days == [each[:10] for each in came]

    def test_the_app_sets_the_zone_and_all_follows(self, world: World, ann: Caller):
        """Through the API, the doorbell or the sweep, and the reaction to the account."""
        answer = ann.patch("/users/me", {"timezone": "Asia/Tokyo"})
        world.settle()

        assert 200 == answer.status_code
        assert at_local("2027-02-02", "08:00", "Asia/Tokyo") == comes_at(world, ann)


def flies(world: World, person: Caller, tz: str) -> None:
    """Somebody's app sets another zone; nothing has looked at it yet."""
    world.database.document(f"users/{person.uid}").update(
        {"timezone": tz, "updatedAt": world.clock.now()}
    )


def test_the_days_before_are_those_of_these_zones():
    """The tests above rest on what clocks do in that spring."""
    noons = [at_local("2027-03-25", "12:00", "UTC") + number * DAY for number in range(12)]
    found = {
        name: {noon.astimezone(ZoneInfo(tz)).utcoffset() for noon in noons}
        for name, (tz, _) in HOMES.items()
    }

    assert {"Ada": 2, "Ben": 2, "Cem": 2, "Dov": 2, "Eva": 2, "Fay": 1} == {
        name: len(offsets) for name, offsets in found.items()
    }
