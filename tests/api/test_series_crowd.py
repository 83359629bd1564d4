"""Many who close, open and look at the occurrences of a series at once, in any order."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.ledgers import FIRST, SECOND, THIRD, Recurring, begun, on
from tests.api.world import Caller, World

ACTS = ["complete", "reopen", "cancel", "delete", "restore", "settle"]


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestAtOnce:
    """Two devices, the API, apps that write themselves, and doorbells."""

    def test_exactly_one_next_whoever_is_faster(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """Completed by three at once while the doorbell rings twenty times."""
        series = begun(world, ann)

        def app() -> None:
            now = world.clock.now()
            series.app_writes(FIRST, status="done", completedAt=now, completedBy=ann.uid)

        acts = [app, *(lambda: series.complete(FIRST) for _ in range(2))]
        acts += [lambda: series.ring(FIRST) for _ in range(20)]
        list(crowd.map(lambda act: act(), acts))
        world.settle(times=2)

        assert {FIRST: "done", SECOND: "open"} == series.ledger()
        assert [FIRST, SECOND] == series.tasks()

    @pytest.mark.parametrize("catch_up", ["skip", "all"])
    def test_the_timer_and_the_completion_at_once(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor, catch_up: str
    ):
        """At the very second at which the next is to come."""
        series = begun(world, ann, catchUp=catch_up)
        world.clock.move_to(on(2, 9))
        world.tasks.wake()

        acts = [lambda: series.complete(FIRST), *(lambda: series.ring(FIRST) for _ in range(10))]
        acts += [world.services.timers.repair, world.services.occurrence_repair.run]
        list(crowd.map(lambda act: act(), acts))
        world.settle(times=3)

        made = {"skip": [FIRST, THIRD], "all": [FIRST, SECOND]}[catch_up]
        assert made == [each for each in series.tasks() if each <= made[-1]]
        assert len(series.tasks()) == len(set(series.tasks()))
        assert "done" == series.ledger()[FIRST]

    def test_paused_and_completed_at_once(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """Ten times over: once it goes on, the next is there, exactly once."""
        for _ in range(10):
            series = begun(world, ann)
            ann.post(f"/{series.path}/pause")
            series.complete(FIRST)

            acts = [lambda s=series: ann.delete(f"/{s.path}/pause")]
            acts += [lambda s=series: s.ring(FIRST) for _ in range(3)]
            random.shuffle(acts)
            list(crowd.map(lambda act: act(), acts))
            world.settle(times=2)

            assert {FIRST: "done", SECOND: "open"} == series.ledger()


class TestOutOfOrder:
    """Doorbells and alarms that come twice, late, or in another order."""

    def test_the_bell_of_the_next_before_that_of_the_first(self, world: World, ann: Caller):
        """Done and done again before anything was looked at."""
        series = begun(world, ann)
        series.complete(FIRST)
        for key in (SECOND, FIRST, SECOND, FIRST, FIRST):
            series.ring(key)
            world.tasks.settle()

        assert {FIRST: "done", SECOND: "open"} == series.ledger()

    def test_any_walk_leaves_each_occurrence_once(
        self, world: World, ann: Caller, request: pytest.FixtureRequest
    ):
        """Completing, opening, cancelling and throwing away, with bells in between or not."""
        for seed in range(200 if request.config.getoption("--long") else 3):
            chance = random.Random(seed)
            series = begun(world, ann)

            for _ in range(25):
                _act(world, series, chance.choice(series.tasks()), chance.choice(ACTS))
            world.settle(times=3)

            _assert_sound(series)


def _act(world: World, series: Recurring, key: str, act: str) -> None:
    path = f"/{series.task_path(key)}"
    ann = series.owner
    match act:
        case "complete":
            ann.post(f"{path}/completion")
        case "reopen":
            ann.delete(f"{path}/completion")
        case "cancel":
            ann.patch(path, {"status": "cancelled"})
        case "delete":
            ann.delete(path)
        case "restore":
            ann.post(f"{path}:restore")
        case "settle":
            world.settle(times=2)


def _assert_sound(series: Recurring) -> None:
    """The ledger says of each task how it stands, and the last one made is not closed."""
    entries, states = series.entries(), {}
    for key in series.tasks():
        task = series.task(key) or {}
        is_away = task["deletedAt"] is not None or task["status"] == "cancelled"
        states[key] = "skipped" if is_away and task["status"] != "done" else task["status"]
    assert states == {key: entry["state"] for key, entry in entries.items() if entry["taskId"]}
    assert "open" == entries[series.series["lastKey"]]["state"]
