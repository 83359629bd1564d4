"""What reminders cost in round trips and billed documents, however many a task has."""

from collections.abc import Callable

import pytest

from backend.adapters.firestore import metered
from backend.tasks.model import TaskRef
from tests.api.reminding import HOUR, at, before, new_task, on_the_minute, reminded_at
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def cost(act: Callable[[], object]) -> tuple[int, int, int]:
    """The round trips, and the documents read and written."""
    with metered() as usage:
        act()
    return usage.rpcs, usage.reads, usage.writes


def test_one_that_falls_due(world: World, ann: Caller):
    """As any timer: it and its task in one look, and one commit; the second alarm nothing."""
    first = on_the_minute(world, HOUR)
    others = [at(first + n * HOUR) for n in range(1, 9)]
    task = new_task(world, ann, ann.uid, reminders=[at(first), *others])
    (timer,) = world.database.collection("timers").get()
    job = {"timerId": timer.id, "kind": "reminder", **timer.get("subject")}
    world.clock.move_to(first)

    fired = cost(lambda: world.services.firing.fire(job))
    again = cost(lambda: world.services.firing.fire(job))

    # The timer goes on to the next one; an event, and the outbox to tell it.
    assert [(2, 2, 3), (1, 2, 0)] == [fired, again]
    assert [first] == reminded_at(world, ann.uid)
    assert 9 == len(task["reminders"])


def test_what_a_reaction_takes_for_them(world: World, ann: Caller):
    """One write where they move, none where they stay, and a read only where one has passed."""
    due = on_the_minute(world, 24 * HOUR)
    first = on_the_minute(world, HOUR)
    task = new_task(world, ann, ann.uid, due=due, reminders=[at(first), before(30)])
    ref = TaskRef(ann.uid, task["id"])

    def edited(**fields: object) -> tuple[int, int, int]:
        answer = ann.patch(f"/workspaces/me/tasks/{task['id']}", fields)
        assert answer.ok, answer.text
        return cost(lambda: world.services.reactor.react(ref))

    # Shadow and event; then the timer, too.
    plain = edited(estimateMin=5)
    moved = edited(reminders=[at(first + HOUR), before(30)])
    world.pass_time(3 * HOUR)
    passed = edited(reminders=[at(first + HOUR), before(60)])

    assert [(2, 2, 2), (2, 2, 3), (3, 3, 3)] == [plain, moved, passed]


def test_looking_for_what_is_due_does_not_grow(world: World, ann: Caller):
    """Ten reminders are one timer; a task that has none to come has none."""
    start = on_the_minute(world, 24 * HOUR)
    new_task(world, ann, ann.uid, reminders=[at(start + n * HOUR) for n in range(10)])
    one = len(world.documents("timers"))
    for _ in range(10):
        new_task(world, ann, ann.uid, reminders=[before(30), before(5, "start")])

    assert [1, 1] == [one, len(world.documents("timers"))]
    assert (1, 1, 0) == cost(world.services.timers.promote)
