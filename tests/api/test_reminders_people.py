"""Reminders of one person's own where people come and go, and tasks are copied and moved."""

import pytest

from backend.leaving.model import GRACE
from tests.api.reminding import HOUR, at, before, new_task, on_the_minute, reminders_of
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def test_who_leaves_takes_theirs_along(world: World, ann: Caller, bob: Caller):
    """From the tasks they did or watched; of the others they hear nothing."""
    team = world.team(ann, bob)
    instant = at(on_the_minute(world, 5 * HOUR), bob.uid)
    done = new_task(world, ann, team, assigneeIds=[bob.uid], reminders=[instant, before(5)])
    new_task(world, ann, team, reminders=[instant])

    ann.delete(f"/workspaces/{team}/members/{bob.uid}")
    world.settle(times=2)
    left = ann.get(f"/workspaces/{team}/tasks/{done['id']}").json()["reminders"]
    world.pass_time(6 * HOUR)

    assert [before(5)] == left
    assert [] == reminders_of(world, bob)


def test_a_copy_reminds_whom_the_task_reminds(world: World, ann: Caller, bob: Caller):
    """But for those who are not there any more."""
    team = world.team(ann, bob)
    instant = on_the_minute(world, 5 * HOUR)
    own = [at(instant, ann.uid), before(5, "start"), at(instant)]
    task = new_task(world, ann, team, reminders=[*own, at(instant, bob.uid)])
    ann.delete(f"/workspaces/{team}/members/{bob.uid}")

    copy = ann.post(f"/workspaces/{team}/tasks/{task['id']}:duplicate", {})

    assert own == copy.json()["reminders"]


def test_in_another_workspace_are_its_people(world: World, ann: Caller, bob: Caller):
    """Who does not belong there is named, and reminded no more."""
    team = world.team(ann, bob)
    instant = on_the_minute(world, 5 * HOUR)
    own = [at(instant, ann.uid), before(5)]
    task = new_task(world, ann, team, reminders=[*own, at(instant, bob.uid)])

    moved = ann.post(f"/workspaces/{team}/tasks/{task['id']}:move", {"workspaceId": ann.uid})
    world.settle(times=2)
    operation = ann.get(f"/operations/{moved.json()['id']}").json()
    (there,) = world.documents(f"workspaces/{ann.uid}/tasks")
    world.pass_time(6 * HOUR)

    assert [bob.uid] == operation["result"]["people"]
    assert [ann.uid, None] == [each.get("uid") for each in there["reminders"]]
    assert (["Reminder: Pay"], []) == (reminders_of(world, ann), reminders_of(world, bob))


def test_whose_account_is_erased_stands_in_no_reminder(world: World, ann: Caller, bob: Caller):
    """Nor in the shadow, the history or an event of the task: it named them in nothing else."""
    team = world.team(ann, bob)
    instant = on_the_minute(world, HOUR)
    task = new_task(world, ann, team, reminders=[at(instant, bob.uid)])
    world.pass_time(2 * HOUR)
    heard = reminders_of(world, bob)

    assert 202 == bob.delete("/users/me").status_code
    world.settle()
    world.pass_time(GRACE)
    for _ in range(12):
        world.pass_time(66 * HOUR / 60)

    stored = world.document(f"workspaces/{team}/tasks/{task['id']}") or {}
    below = world.services.ports.store.below("", limit=300)
    naming = [each.path for each in below if bob.uid in f"{each.path} {each.fields}"]
    assert ["Reminder: Pay"] == heard
    assert ["erased"] == [each["uid"] for each in stored["reminders"]]
    assert 1 == stored["rev"]
    assert [] == [path for path in naming if path.startswith(("workspaces/", "shadows/"))]
