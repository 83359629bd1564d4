"""Killed before and behind each commit, a series makes each occurrence once and forgets none."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from backend.bootstrap import Services
from backend.kit.actor import Actor
from backend.tasks.model import Status, TaskRef
from tests.api.ledgers import FIRST, SECOND, THIRD, Recurring, begun, on
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

Story = Callable[[Services, Recurring], None]
TREE = [{"title": "Pack", "subtasks": [{"title": "Boots"}]}, {"title": "Leave"}]


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def completing(services: Services, series: Recurring) -> None:
    """What one completion leads to: the request, its reaction, and that to the next."""
    actor, first, second = _refs(series)
    services.tasks.complete(actor, first)
    services.reactors.tasks.react(first)
    services.reactors.tasks.react(second)


def putting_aside(services: Services, series: Recurring) -> None:
    """As `completing`, of one that is cancelled."""
    actor, first, second = _refs(series)
    services.tasks.edit(actor, first, {"status": Status.CANCELLED})
    services.reactors.tasks.react(first)
    services.reactors.tasks.react(second)


def reopening(services: Services, series: Recurring) -> None:
    """A completion that is taken back after all has followed."""
    actor, first, _ = _refs(series)
    completing(services, series)
    services.tasks.reopen(actor, first)
    services.reactors.tasks.react(first)
    for body in _alarms(series, "withdrawal"):
        services.firing.fire(body)


def pausing(services: Services, series: Recurring) -> None:
    """Paused, completed, and resumed."""
    actor, first, _ = _refs(series)
    services.series.pause(actor, series.workspace, series.id)
    services.tasks.complete(actor, first)
    services.reactors.tasks.react(first)
    services.series.resume(actor, series.workspace, series.id)


def letting_go(services: Services, series: Recurring) -> None:
    """All that is overdue is skipped."""
    actor, first, second = _refs(series)
    services.series.skip_missed(actor, series.workspace, series.id)
    services.reactors.tasks.react(first)
    services.reactors.tasks.react(second)


class TestKilled:
    """Each story is told again and again, and killed one step later each time."""

    @pytest.mark.parametrize(
        ("story", "below", "ledger"),
        [
            (completing, TREE, {FIRST: "done", SECOND: "open"}),
            (putting_aside, [], {FIRST: "skipped", SECOND: "open"}),
            (reopening, [], {FIRST: "open"}),
            (pausing, TREE, {FIRST: "done", SECOND: "open"}),
        ],
    )
    def test_wherever_it_ends_the_outcome_is_the_same(
        self, world: World, ann: Caller, story: Story, below: list, ledger: dict
    ):
        """After whoever did it has done it again, and time has done its part."""
        kills = 0
        for at in count(1):
            series = begun(world, ann, subtasks=below)
            was_killed = _killed(world, story, series, at)
            if was_killed:
                story(world.services, series)
            world.settle(times=2)

            assert ledger == series.ledger()
            assert list(ledger) == series.tasks()
            assert (4 if below else 1) * len(ledger) == _tasks_of(series)
            kills += was_killed
            if not was_killed:
                break

        assert kills >= 6

    def test_letting_go_of_what_was_missed(self, world: World, ann: Caller):
        """The command is one commit: all of it, or nothing."""
        kills = 0
        for at in count(1):
            series = begun(world, ann)
            world.clock.move_to(on(2, 12))
            was_killed = _killed(world, letting_go, series, at)
            if was_killed:
                letting_go(world.services, series)
            world.settle(times=2)

            assert {FIRST: "skipped", SECOND: "missed", THIRD: "open"} == series.ledger()
            kills += was_killed
            if not was_killed:
                break

        assert kills >= 4

    def test_a_timer_that_makes_up_for_three_days(self, world: World, ann: Caller):
        """Where all are to come."""
        kills = 0
        for at in count(1):
            series = begun(world, ann, catchUp="all")
            world.clock.move_to(on(3, 12))

            def story(services: Services, series: Recurring) -> None:
                for body in _alarms(series, "occurrence"):
                    services.firing.fire(body)

            was_killed = _killed(world, story, series, at)
            world.settle(times=2)

            assert [FIRST, SECOND, THIRD] == series.tasks()
            assert {FIRST: "open", SECOND: "open", THIRD: "open"} == series.ledger()
            assert [on(4, 9)] == series.timers()
            kills += was_killed
            if not was_killed:
                break

        assert kills >= 2


def _killed(world: World, story: Story, series: Recurring, at: int) -> bool:
    """Tell a story by a worker that dies at its `at`-th moment; say whether it did."""
    try:
        story(mortal_services(world, Fate(at), MortalAtEveryCommit), series)
    except Killed:
        return True
    return False


def _refs(series: Recurring) -> tuple[Actor, TaskRef, TaskRef]:
    first, second = (TaskRef(series.workspace, f"{series.id}-{key}") for key in (FIRST, SECOND))
    return Actor(series.owner.uid), first, second


def _alarms(series: Recurring, kind: str) -> list[dict[str, Any]]:
    """The bodies of the jobs of a series' timers of one kind."""
    found = series.world.database.collection("timers").where("kind", "==", kind).stream()
    return [
        {"timerId": each.id, "kind": kind, **each.to_dict()["subject"]}
        for each in found
        if series.id in str(each.to_dict()["subject"])
    ]


def _tasks_of(series: Recurring) -> int:
    """How many tasks the occurrences of a series have in all."""
    tasks = series.world.database.collection(f"workspaces/{series.workspace}/tasks").stream()
    return sum(each.id.startswith(series.id) for each in tasks)
