"""Random weeks of somebody who travels and changes their mind, against who looks at each minute."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.api.digesting import (
    DAY,
    HOUR,
    at_local,
    comes_at,
    digests,
    job_of,
    looked_at,
    open_task,
    rings,
    wants,
)
from tests.api.wishes import prefers
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)
# Most of their clocks change in these weeks, some of them not by night.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Nuuk",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Pacific/Honolulu",
)
BEGINS_AT = at_local("2027-03-23", "12:00", "UTC")


@dataclass
class Watcher:
    """Looks at a clock each minute, and says when a digest should come. It knows no arithmetic."""

    tz: str
    wanted: time | None
    told: dict[date, datetime] = field(default_factory=dict)

    def watch(self, since: datetime, until: datetime) -> None:
        """Look from the minute after `since` on, up to `until`."""
        if self.wanted is None:
            return
        here = ZoneInfo(self.tz)
        before = since.astimezone(here).replace(tzinfo=None)
        while (since := since + MINUTE) <= until:
            shown = since.astimezone(here)
            wall = shown.replace(tzinfo=None)
            for day in {before.date(), wall.date()} - self.told.keys():
                if before < datetime.combine(day, self.wanted) <= wall and not shown.fold:
                    self.told[day] = since
            before = wall


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with something to tell every day."""
    world.clock.move_to(BEGINS_AT)
    person = world.person("Ann")
    open_task(world, person.uid, person, "Late", world.clock.now() - DAY)
    return person


@pytest.mark.parametrize("seed", range(4))
def test_each_comes_when_it_should(world: World, ann: Caller, seed: int):
    """Zones, hours, off and on, doubled jobs: the same days at the same minutes."""
    chance = random.Random(seed)
    watcher = Watcher(tz="UTC", wanted=None)
    for _ in range(25):
        change(world, ann, watcher, chance)
        looked_at(world, ann)
        since = world.clock.now()
        until = since + timedelta(minutes=chance.randrange(60, 3000))
        watcher.watch(since, until)
        live(world, ann, until, twice=chance.random() < 0.3)

    found = {date.fromisoformat(each["values"]["day"]): each for each in digests(world, ann)}
    assert watcher.told == {day: each["createdAt"] for day, each in found.items()}
    assert 8 <= len(digests(world, ann)) == len(found)


@pytest.mark.parametrize("seed", range(4))
def test_no_day_has_two_however_late_anybody_looks(world: World, ann: Caller, seed: int):
    """Lost doorbells and lost jobs among them; in the end the timer is where it belongs."""
    chance = random.Random(100 + seed)
    watcher = Watcher(tz="UTC", wanted=None)
    for _ in range(25):
        change(world, ann, watcher, chance)
        if chance.random() < 0.5:
            looked_at(world, ann)
        if chance.random() < 0.3:
            world.services.timers.promote()
            world.tasks.reset()
        live(world, ann, world.clock.now() + chance.randrange(1, 50) * HOUR)
        world.services.timers.repair()
    wants(world, ann, daily="08:00")
    looked_at(world, ann)
    rings(world)

    days = [each["values"]["day"] for each in digests(world, ann)]
    assert len(days) == len(set(days))
    at = comes_at(world, ann)
    assert at is not None
    assert "08:00" == f"{at.astimezone(ZoneInfo(watcher.tz)):%H:%M}"


def change(world: World, ann: Caller, watcher: Watcher, chance: random.Random) -> None:
    """Ann is in another zone, or wants another hour, or none, or nothing changes."""
    what = chance.randrange(4)
    if what == 0:
        watcher.tz = chance.choice(ZONES)
        account = world.database.document(f"users/{ann.uid}")
        account.update({"timezone": watcher.tz, "updatedAt": world.clock.now()})
    if what == 1 or watcher.wanted is None:
        watcher.wanted = time(chance.randrange(24), chance.choice([0, 15, 30]))
    elif what == 2 and chance.random() < 0.5:
        watcher.wanted = None
    wanted = f"{watcher.wanted:%H:%M}" if watcher.wanted is not None else None
    prefers(world, ann, digests={"daily": wanted, "weekly": None})


def live(world: World, ann: Caller, until: datetime, *, twice: bool = False) -> None:
    """Let time pass, from digest to digest."""
    while (at := comes_at(world, ann)) is not None and at <= until:
        job = job_of(world, ann)
        world.clock.move_to(max(at, world.clock.now()))
        rings(world)
        if twice:
            world.services.firing.fire(job)
    world.clock.move_to(until)
