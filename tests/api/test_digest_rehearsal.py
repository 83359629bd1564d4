"""/api/v1/rehearsals: the digests that would come, and what quiet hours would let go."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.digesting import DAY, HOUR, at_local, comes_at, digests, let_come, open_task, wants
from tests.api.lateness import until
from tests.api.test_rehearsal import rehearsed
from tests.api.wishes import quiet_for
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody on a morning before eight, with something to tell every day."""
    world.clock.move_to(at_local("2027-02-01", "07:00", "UTC"))
    person = world.person("Ann")
    open_task(world, person.uid, person, "Late", world.clock.now() - 3 * DAY)
    return person


def instants(found: dict[str, Any], kind: str) -> list[datetime]:
    return [datetime.fromisoformat(each["at"]) for each in found["items"] if each["kind"] == kind]


def test_the_digests_of_a_week_are_those_that_then_come(world: World, ann: Caller):
    """Daily and weekly ones, at the same instants, whichever workspace is asked about."""
    wants(world, ann, daily="08:00", weekly=(3, "18:00"))
    team, ends_at = world.team(ann), world.clock.now() + 7 * DAY
    expected = rehearsed(ann, ends_at, workspaceId=team)
    before = digests(world, ann)

    for _ in range(8):
        kinds = sorted(("daily", "weekly"), key=lambda kind: comes_at(world, ann, kind))
        let_come(world, ann, kinds[0])
    came = [each["createdAt"] for each in digests(world, ann)]

    assert [] == before
    assert 8 == len(came)
    assert came == instants(expected, "digest")
    assert {(ann.uid,)} == {tuple(each["people"]) for each in expected["items"]}
    assert {"digest"} == {each["category"] for each in expected["items"]}


def test_it_follows_from_what_would_be_then(world: World, ann: Caller):
    """What is due on Wednesday is ahead of it, and late from then on."""
    world.database.document(f"workspaces/{ann.uid}/tasks/Late").delete()
    open_task(world, ann.uid, ann, "Call", world.clock.now() + 2 * DAY + 10 * HOUR)
    wants(world, ann, daily="08:00")

    found = rehearsed(ann, world.clock.now() + 5 * DAY)

    assert [3, 4, 5] == [each.day for each in instants(found, "digest")]


def test_nobody_sees_those_of_others(world: World, ann: Caller):
    """Not even whoever has made the workspace."""
    bob = world.person("Bob")
    team = world.team(bob, ann)
    wants(world, ann, daily="08:00")

    found = rehearsed(bob, world.clock.now() + 2 * DAY, workspaceId=team)

    assert [] == found["items"]


def test_what_is_held_is_seen_to_go(world: World, ann: Caller):
    """At the end of the quiet, as it then does: all of it as one."""
    world.database.document(f"workspaces/{ann.uid}/tasks/Late").delete()
    ann.has_phone()
    bob = world.person("Bob")
    team = world.team(bob, ann)
    ends_at = quiet_for(world, ann, 5)
    for number in range(2):
        open_task(world, team, bob, f"New {number}", ends_at + 10 * DAY, ann)
    world.settle(times=2)
    pushed = len(world.fcm.messages())

    found = rehearsed(ann, world.clock.now() + DAY, workspaceId=team)
    until(world, ends_at + timedelta(minutes=1))

    assert [ends_at] == instants(found, "release")
    assert (0, 1) == (pushed, len(world.fcm.messages()))
