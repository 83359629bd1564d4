"""Due soon: told once for each due instant, to everybody whose it is."""

from datetime import timedelta

import pytest

from tests.api.lateness import all_day, heard, new_task, soon, until, zoned
from tests.api.noticing import has_mail
from tests.api.wishes import quiet_for
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def test_a_day_that_becomes_its_midnight(world: World, ann: Caller, bob: Caller):
    """Announced again an hour before: to who has it since, and not to who knows."""
    team = world.team(ann, bob)
    day = (world.clock.now() + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = day + timedelta(days=1)
    path = new_task(ann, team, due=all_day(f"{day:%F}"), assigneeIds=[ann.uid])
    world.settle(times=2)
    until(world, day + timedelta(hours=10))
    told_early = len(heard(world, ann, "dueSoon"))
    ann.patch(f"/{path}", {"due": zoned(midnight), "assigneeIds": [ann.uid, bob.uid]})
    world.settle(times=2)
    until(world, midnight - timedelta(minutes=30))

    found = [len(heard(world, each, "dueSoon")) for each in (ann, bob)]
    assert (1, [1, 1]) == (told_early, found)
    assert [] == [each for each in world.documents("timers") if each["kind"] == "notify"]


def test_what_is_overdue_by_then_is_not_said_to_be_due_soon(world: World, bob: Caller):
    """After a quiet night one mail says what is so, not two of which one is wrong."""
    has_mail(world, bob)
    quiet_for(world, bob, 4)
    new_task(bob, bob.uid, due=zoned(soon(world, 3)))
    world.settle(times=2)

    for _ in range(5):
        world.pass_time(timedelta(hours=1))

    assert [1, 1] == [len(heard(world, bob, each)) for each in ("dueSoon", "overdue")]
    assert ["Overdue: A task"] == [each.subject for each in world.mails("bob@example.com")]
