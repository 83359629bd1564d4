"""The jobs that let subtasks and waiting tasks follow: killed, doubled, late, page by page."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import cycle

import pytest

from backend.reactions.dependents import PAGE as WAITING_PAGE
from backend.reactions.growth import PAGE
from backend.tasks.model import TaskRef
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import task_fields
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.test_trees import AT, app_writes, grow, place_of
from tests.api.world import Caller, World

KINDS = ("tree", "dependents")
SECOND = timedelta(seconds=1)
EXTRA = 3


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def wide(world: World, ann: Caller) -> str:
    """A task with more subtasks than a page, one of which has a subtask; reactions are done."""
    top = grow(ann)
    for number in range(PAGE + EXTRA):
        store(world, ann, f"low-{number:03}", parentId=top, ancestorIds=[top], depth=1)
    lowest = {"parentId": "low-101", "ancestorIds": [top, "low-101"], "depth": 2}
    store(world, ann, "lowest", **lowest)
    world.services.reactor.react(TaskRef(ann.uid, top))
    return top


def store(world: World, ann: Caller, task_id: str, **fields) -> None:
    world.write(f"workspaces/{ann.uid}/tasks/{task_id}", {**task_fields(world, by=ann), **fields})


def timers(world: World) -> list[dict]:
    """The timers of these kinds that are set, as their jobs say it."""
    return [
        {"timerId": snapshot.id, "kind": timer["kind"], **timer["subject"]}
        for snapshot in world.database.collection("timers").stream()
        if (timer := snapshot.to_dict())["kind"] in KINDS
    ]


def all_jobs(world: World) -> Iterator[dict]:
    """Each timer's job, as long as there are any: the test is the queue."""
    for _ in range(100):
        if not (found := timers(world)):
            return
        yield from found
    raise AssertionError("the jobs never came to an end")


def moved(world: World, ann: Caller, top: str) -> str:
    """Move a wide task below another, and lose every job since; return the other's id."""
    other = grow(ann)
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
    ann.patch(f"{AT}/{top}", {"parentId": other})
    world.services.reactor.react(TaskRef(ann.uid, top))
    return other


def places(world: World, ann: Caller) -> set[tuple]:
    names = [f"low-{number:03}" for number in range(PAGE + EXTRA)]
    return {(parent, *chain, depth) for parent, chain, depth in _places(world, ann, names)}


def _places(world: World, ann: Caller, names: list[str]):
    return [place_of(world, ann, name) for name in names]


class TestTree:
    """What is below a task that was moved."""

    def test_killed_between_any_two_commits(self, world: World, ann: Caller, wide: str):
        """Each worker dies before or right after its first commit; the next goes on."""
        other = moved(world, ann, wide)

        for body, at in zip(all_jobs(world), cycle((1, 2)), strict=False):
            services = mortal_services(world, Fate(at), MortalAtEveryCommit)
            with suppress(Killed):
                services.firing.fire(body)

        assert {(wide, other, wide, 2)} == places(world, ann)
        assert ("low-101", [other, wide, "low-101"], 3) == place_of(world, ann, "lowest")

    def test_every_job_twice_and_late(self, world: World, ann: Caller, wide: str):
        """A job of a page that is done, or of a timer that is gone, changes nothing."""
        other, told = moved(world, ann, wide), []

        for body in all_jobs(world):
            told.append(body)
            for _ in range(2):
                world.services.firing.fire(body)
        before = _places(world, ann, ["low-000", "lowest"])
        for body in told:
            world.services.firing.fire(body)

        assert {(wide, other, wide, 2)} == places(world, ann)
        assert before == _places(world, ann, ["low-000", "lowest"])
        assert 2 == len([body for body in told if body["taskId"] == wide])

    def test_nobody_is_in_the_way_of_anybody(self, world: World, ann: Caller, wide: str):
        """What follows makes no new revision, and no history; edits go on meanwhile."""
        moved(world, ann, wide)
        for body in all_jobs(world):
            world.services.firing.fire(body)

        answer = ann.patch(f"{AT}/low-000", {"title": "B"}, headers={"If-Match": '"1"'})

        assert 200 == answer.status_code
        history = ann.get(f"{AT}/low-000/history").json()["items"]
        assert [{"title": "B"}] == [change["patch"] for change in history]

    def test_a_move_in_the_middle(self, world: World, ann: Caller, wide: str):
        """A task that moves again between two pages starts the pages anew."""
        moved(world, ann, wide)
        first, *_ = timers(world)
        world.services.firing.fire(first)
        world.clock.advance(SECOND)
        last = moved(world, ann, wide)

        for body in all_jobs(world):
            world.services.firing.fire(body)

        assert {(wide, last, wide, 2)} == places(world, ann)

    def test_the_repair_finds_lost_jobs(self, world: World, ann: Caller, wide: str):
        """The timers are the truth."""
        other = grow(ann)
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
        ann.patch(f"{AT}/{wide}", {"parentId": other})
        world.settle()

        for _ in range(3):
            world.pass_time(timedelta(minutes=2))

        assert {(wide, other, wide, 2)} == places(world, ann)

    def test_a_parent_gone_for_good(self, world: World, ann: Caller):
        """What was below it comes to the top."""
        top = grow(ann)
        low = grow(ann, top)
        world.settle()
        world.clock.advance(SECOND)
        app_writes(world, ann, top, deletedAt=world.clock.now())
        world.services.reactor.react(TaskRef(ann.uid, top))
        world.database.document(f"workspaces/{ann.uid}/tasks/{top}").delete()

        for body in all_jobs(world):
            world.services.firing.fire(body)

        assert (None, [], 0) == place_of(world, ann, low)


class TestDependents:
    """What waits for a task."""

    def test_killed_between_any_two_commits(self, world: World, ann: Caller):
        """More than a page of them, and a worker that dies all the time."""
        blocker = grow(ann)
        names = [f"waiting-{number:03}" for number in range(WAITING_PAGE + EXTRA)]
        for name in names:
            store(world, ann, name, blockedBy=[blocker], isBlocked=True)
        world.database.document(f"workspaces/{ann.uid}/tasks/{blocker}").update(
            {"counters": {"blocks": len(names)}}
        )
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
        world.services.reactor.react(TaskRef(ann.uid, blocker))
        ann.post(f"{AT}/{blocker}/completion")
        world.services.reactor.react(TaskRef(ann.uid, blocker))

        for body, at in zip(all_jobs(world), cycle((1, 2)), strict=False):
            services = mortal_services(world, Fate(at), MortalAtEveryCommit)
            with suppress(Killed):
                services.firing.fire(body)

        path = f"workspaces/{ann.uid}/tasks"
        assert {False} == {(world.document(f"{path}/{name}") or {})["isBlocked"] for name in names}
