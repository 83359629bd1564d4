"""Scripted misdeliveries, through the control API."""

from urllib.error import HTTPError

import pytest
from google.api_core.exceptions import AlreadyExists, DeadlineExceeded

from local.cloudtasks import Fault, FaultKind
from tests.local.cloudtasks_world import LOCATION, QUEUE, World


@pytest.fixture
def world():
    with World() as world:
        yield world


def script(world, kind, **fault):
    """Script a fault over HTTP."""
    return world.control("POST", "/control/faults", {"kind": kind, **fault})["faults"]


class TestUnanswered:
    """A task that was taken although nobody said so."""

    def test_it_runs_and_its_name_is_taken(self, world):
        """What happens to whoever hands over: a time-out, then ALREADY_EXISTS."""
        script(world, "unanswered")
        with pytest.raises(DeadlineExceeded):
            world.create("one")
        with pytest.raises(AlreadyExists):
            world.create("one")
        world.create("two")
        world.settle()

        assert ["one", "two"] == sorted(world.receiver.tasks)


class TestDuplicate:
    """One task, several deliveries."""

    @pytest.mark.parametrize("concurrent", [True, False])
    def test_the_next_task_arrives_several_times(self, world, concurrent):
        """Then the script is spent."""
        script(world, "duplicate", queue=QUEUE, copies=2, concurrent=concurrent)
        world.create("one")
        world.settle()
        world.create("two")
        world.settle()

        assert world.receiver.tasks == ["one", "one", "one", "two"]
        assert [r.headers["X-CloudTasks-TaskRetryCount"] for r in world.receiver.received[:3]] == [
            "0"
        ] * 3
        assert world.control("GET", "/control/faults")["faults"] == []

    def test_copies_together_meet_inside_the_handler(self, world):
        """Which is how races are found."""
        script(world, "duplicate", copies=3)
        world.receiver.is_gated = True
        world.create("one")
        world.receiver.wait_until(lambda: world.receiver.now_inside == 4)
        world.receiver.gate.set()
        world.settle()

        assert world.receiver.tasks == ["one"] * 4

    def test_a_copys_failure_changes_nothing(self, world):
        """The original decides; here it succeeds first."""
        script(world, "duplicate", concurrent=False)
        world.receiver.answers = [200, 500]
        world.create("one")
        world.settle()

        assert world.names() == []
        assert world.outcomes() == ["succeeded", "duplicate"]


class TestDelay:
    """Late."""

    def test_the_next_task_arrives_late(self, world):
        """And its ETA does not tell."""
        script(world, "delay", seconds=30)
        began_at = world.clock.now()
        world.create("late")
        world.create("prompt")
        world.settle()
        world.advance(29)
        assert world.receiver.tasks == ["prompt"]
        world.advance(1)

        assert world.receiver.tasks == ["prompt", "late"]
        eta = world.receiver.received[-1].headers["X-CloudTasks-TaskETA"]
        assert f"{began_at.timestamp():.6f}" == eta


class TestDrop:
    """Never."""

    def test_the_next_two_tasks_are_lost(self, world):
        """Accepted, gone, and their names taken."""
        script(world, "drop", count=2)
        for name in ("one", "two", "three"):
            world.create(name)
        world.settle()

        assert world.receiver.tasks == ["three"]
        assert world.names() == []
        assert world.outcomes() == ["dropped", "dropped", "succeeded"]

    def test_without_a_count_every_task_is_lost(self, world):
        """Until the script is withdrawn."""
        script(world, "drop", count=0)
        for number in range(3):
            world.create(f"t{number}")
        world.settle()
        world.control("DELETE", "/control/faults")
        world.create("after")
        world.settle()

        assert world.receiver.tasks == ["after"]


class TestReorder:
    """The last shall be first."""

    def test_three_tasks_arrive_backwards(self, world):
        """Once the third is there; one after the other, so the order is certain."""
        script(world, "reorder", size=3)
        world.create("one")
        world.create("two")
        world.settle()  # What is held back is not waited for.
        assert world.receiver.received == []

        world.create("three")
        world.create("four")
        world.settle()

        reordered = [task for task in world.receiver.tasks if task != "four"]
        assert reordered == ["three", "two", "one"]
        assert world.names() == []

    def test_withdrawing_the_script_releases_what_it_holds(self, world):
        """Nothing is lost."""
        script(world, "reorder", size=3)
        world.create("one")
        world.settle()
        world.control("DELETE", "/control/faults")
        world.settle()

        assert world.receiver.tasks == ["one"]


class TestEarly:
    """Before its time."""

    @pytest.mark.parametrize("is_scripted_first", [True, False])
    def test_a_scheduled_task_arrives_at_once(self, world, is_scripted_first):
        """Whether it is created before or after the script; its ETA lies ahead."""
        at = world.in_s(3600)
        if is_scripted_first:
            script(world, "early")
        world.create("one", schedule_time=at)
        if not is_scripted_first:
            script(world, "early")
        world.create("two", schedule_time=at)
        world.settle()

        [got] = world.receiver.received
        assert f"{at.timestamp():.6f}" == got.headers["X-CloudTasks-TaskETA"]
        assert [got.task] == ["one"]


class TestScope:
    """Which tasks a script is about."""

    def test_it_may_name_a_queue_and_a_path(self, world):
        """Other tasks pass by."""
        other = f"{LOCATION}/queues/other"
        world.client.create_queue(parent=LOCATION, queue={"name": other})
        script(world, "drop", queue=QUEUE, path="/internal/jobs/fire", count=0)
        fire = {"url": f"{world.receiver.url}/internal/jobs/fire?x=1"}
        world.create("react")
        world.create("fire", http_request=fire)
        world.create("elsewhere", queue=other, http_request=fire)
        world.settle()

        assert {"react", "elsewhere"} == set(world.receiver.tasks)

    def test_scripts_apply_in_the_order_given(self, world):
        """Each task is touched by the first that fits, and by a script once only."""
        script(world, "delay", seconds=5)
        script(world, "duplicate", concurrent=False)
        world.create("late-then-twice")
        world.settle()
        world.advance(5)

        assert world.receiver.tasks == ["late-then-twice"] * 2

    def test_a_test_may_script_without_http(self, world):
        """The in-process stand-in takes a Fault."""
        world.tasks.script(Fault(FaultKind.DROP))
        world.create("one")
        world.settle()

        assert world.receiver.received == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            [],
            {"kind": "explode"},
            {"kind": "drop", "color": "red"},
            {"kind": "drop", "count": -1},
            {"kind": "drop", "queue": 7},
            {"kind": "duplicate", "copies": 0},
            {"kind": "duplicate", "concurrent": "no"},
            {"kind": "reorder", "size": 1},
            {"kind": "delay", "seconds": -1},
            {"kind": "delay", "seconds": "soon"},
        ],
    )
    def test_a_bad_script_is_refused(self, world, wrong):
        """With 400 and a sentence."""
        with pytest.raises(HTTPError) as refused:
            world.control("POST", "/control/faults", wrong)

        assert refused.value.code == 400
