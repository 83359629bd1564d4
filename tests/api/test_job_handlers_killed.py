"""Workers that do jobs die before and behind each of their commits: what they did is done once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.api.job_runs import a_run, carried_out, handler_of
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

DAY = timedelta(days=1)
TASKS = 3


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def tasks_of(world: World, ann: Caller) -> list[dict[str, Any]]:
    return world.documents(f"workspaces/{ann.uid}/tasks")


def some_tasks(ann: Caller) -> list[str]:
    made = [ann.post("/workspaces/me/tasks", {"title": "T"}) for _ in range(TASKS)]
    return [f"/workspaces/me/tasks/{each.json()['id']}" for each in made]


def finished(world: World, ann: Caller) -> None:
    for path in some_tasks(ann):
        ann.post(f"{path}/completion")
    world.clock.advance(DAY)


def thrown_away(world: World, ann: Caller) -> None:
    for path in some_tasks(ann):
        ann.delete(path)
    world.settle()
    world.clock.advance(DAY)


def nothing(_world: World, _ann: Caller) -> None:
    """Prepare nothing."""


Prepare = Callable[[World, Caller], None]
Found = Callable[[World, Caller], Any]
# What is prepared, the arguments, what is found afterwards, and what that must be.
CASES: dict[str, tuple[Prepare, dict[str, Any], Found, Any]] = {
    "archiveDone": (
        finished,
        {"olderThanDays": 0},
        lambda world, ann: [
            (each["archivedAt"] is not None, each["rev"]) for each in tasks_of(world, ann)
        ],
        [(True, 3)] * TASKS,
    ),
    "createTask": (
        nothing,
        {"title": "Water"},
        lambda world, ann: [each["title"] for each in tasks_of(world, ann)],
        ["Water"],
    ),
    "emptyTrash": (
        thrown_away,
        {"olderThanDays": 0},
        lambda world, ann: (
            tasks_of(world, ann),
            world.document(f"workspaces/{ann.uid}")["counters"]["allTasks"],
        ),
        ([], 0),
    ),
    "remindMembers": (
        nothing,
        {"message": "Stand-up!"},
        lambda world, ann: (
            [each["body"] for each in world.inbox(ann)],
            world.document(f"users/{ann.uid}/counters/inbox")["unread"],
        ),
        (["Stand-up!"], 1),
    ),
}


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("name", CASES)
def test_a_step_that_was_killed_is_done_once(world: World, ann: Caller, name: str, at: int):
    """Before its commit nothing was done; behind it the next step finds it done."""
    prepare, arguments, found, expected = CASES[name]
    prepare(world, ann)
    run = a_run(world, handler_of(world, name), ann, **arguments)

    mortal = mortal_services(world, Fate(at), MortalAtEveryCommit)

    with pytest.raises(Killed):
        carried_out(handler_of(world, name, mortal), run)
    carried_out(handler_of(world, name), run)
    world.settle(times=2)

    assert expected == found(world, ann)
