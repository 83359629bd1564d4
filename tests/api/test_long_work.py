"""Work in steps, whatever it is: what issues to come build bulk changes and broadcasts on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from backend.adapters.firestore import metered
from backend.kit.actor import Actor
from backend.kit.documents import Create
from backend.kit.errors import InvalidArgument, TaskFlowError, Unavailable
from backend.kit.ids import random_id
from backend.operations.model import Operation, OperationKind
from backend.operations.running import Running, Step
from backend.operations.service import starting, working
from backend.timers.documents import timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.pace import MOST_STEPS
from local.cloudtasks import Fault, FaultKind
from tests.api.world import World

KIND = OperationKind.EXPORT
UID = "ann"


@dataclass
class Counting:
    """Writes a document a step, and is done after so many."""

    world: World
    steps: int = 5
    trouble: dict[int, TaskFlowError] = field(default_factory=dict)
    tidied: list[str] = field(default_factory=list)

    def step(self, operation: Operation) -> Step:
        now, number = self.world.clock.now(), operation.cursor.get("next", 0)
        if error := self.trouble.get(number):
            raise error
        if number == self.steps:
            return Step(operation.finished({"made": number}, at=now))
        # Only once can there be a document of this name: a step done twice would fail.
        made = Create(f"made/{operation.id}-{number}", {"number": number})
        moved = operation.progressed(
            done=number + 1, total=self.steps, cursor={"next": number + 1}, at=now
        )
        return Step(moved, Outbox([made]))

    def tidy(self, uid: str, operation_id: str) -> bool:
        self.tidied.append(operation_id)
        return True


@pytest.fixture
def work(world: World) -> Counting:
    return Counting(world)


@pytest.fixture
def running(world: World, work: Counting) -> Running:
    """What the tests call themselves: the service's own jobs, which know another work, get lost."""
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
    ports = world.services.ports
    return Running(ports.store, ports.clock, world.services.timers, {KIND: work})


@pytest.fixture
def alarm(world: World) -> Alarm:
    """The job of an operation that was started as part of another commit, and got lost."""
    now = world.clock.now()
    begun = Operation.started(random_id(), KIND, uid=UID, at=now)
    assert world.services.ports.store.attempt(starting(begun, now).writes)
    timer = working(begun, now, alone=False)
    return Alarm(timer.id, timer.subject)


def stored(world: World, alarm: Alarm) -> dict:
    found = world.document(f"operations/{alarm.subject['operationId']}")
    assert found is not None
    return found


class TestSteps:
    """From the first to the last."""

    def test_what_a_step_writes_comes_with_its_progress(
        self, world: World, running: Running, alarm: Alarm
    ):
        """Each in one commit; the result at the end, and no timer but the one that tidies."""
        running.fire(alarm)

        operation = stored(world, alarm)
        assert ("done", 5, 5, {"made": 5}, {}) == tuple(
            operation[name] for name in ("state", "done", "total", "result", "cursor")
        )
        assert [0, 1, 2, 3, 4] == sorted(each["number"] for each in world.documents("made"))
        (left,) = world.documents("timers")
        assert operation["expireAt"] == left["fireAt"]

    def test_each_step_reads_and_commits_once(self, world: World, running: Running, alarm: Alarm):
        """Two round trips a step: five of them, and the one that ends it."""
        with metered() as usage:
            running.fire(alarm)

        assert (2 * 6, 2 * 6) == (usage.rpcs, usage.reads)

    def test_work_that_waits_moves_its_timer(
        self, world: World, running: Running, work: Counting, alarm: Alarm
    ):
        """No worker waits: the step ends the job, and the rest comes at its instant."""
        step, later = work.step, world.clock.now() + timedelta(hours=1)
        work.step = lambda operation: replace(step(operation), again_at=later)

        running.fire(alarm)
        running.fire(alarm)
        (timer,) = [each for each in world.documents("timers") if each["fireAt"] == later]

        assert ("running", 1) == (stored(world, alarm)["state"], stored(world, alarm)["done"])
        assert "waiting" == timer["state"]

    def test_many_quick_steps_go_on_in_another_job(
        self, world: World, running: Running, work: Counting, alarm: Alarm
    ):
        """Which is queued at once: it need not be missed first."""
        work.steps = MOST_STEPS + 3
        running.fire(alarm)
        left, timer = stored(world, alarm)["state"], world.document(timer_path(alarm.timer_id))
        for _ in range(10):  # On a slow machine it takes several, since time is over first.
            running.fire(alarm)

        assert ("running", 1) == (left, timer and timer["attempts"])
        assert "done" == stored(world, alarm)["state"]

    def test_several_workers_at_once_do_each_step_once(
        self, world: World, running: Running, alarm: Alarm, crowd: ThreadPoolExecutor
    ):
        """Who loses looks again."""
        list(crowd.map(lambda _: running.fire(alarm), range(6)))

        assert "done" == stored(world, alarm)["state"]
        assert 5 == len(world.documents("made"))

    def test_a_late_job_does_nothing(self, world: World, running: Running, alarm: Alarm):
        """The operation is as it was."""
        running.fire(alarm)
        before = stored(world, alarm)

        running.fire(alarm)

        assert before == stored(world, alarm)


class TestTrouble:
    """Steps that fail."""

    def test_passing_trouble_waits_for_the_next_job(
        self, world: World, running: Running, work: Counting, alarm: Alarm
    ):
        """What was done stays done."""
        work.trouble[3] = Unavailable("Not now.")
        with pytest.raises(Unavailable):
            running.fire(alarm)
        assert ("running", 3) == (stored(world, alarm)["state"], stored(world, alarm)["done"])

        work.trouble.clear()
        running.fire(alarm)

        assert "done" == stored(world, alarm)["state"]
        assert 5 == len(world.documents("made"))

    def test_lasting_trouble_fails_it(
        self, world: World, running: Running, work: Counting, alarm: Alarm
    ):
        """With the code of the problem; what it leaves is tidied at once."""
        work.trouble[2] = InvalidArgument("Never.", code="limit-exceeded")

        running.fire(alarm)

        operation = stored(world, alarm)
        assert ("failed", "limit-exceeded", 2) == tuple(
            operation[name] for name in ("state", "problem", "done")
        )
        (tidying,) = world.documents("timers")
        assert tidying["fireAt"] <= world.clock.now()

    def test_tidying_leaves_the_document_to_be_read(
        self, world: World, running: Running, work: Counting, alarm: Alarm
    ):
        """Until its time is over; then both go, whether or not anybody calls."""
        work.trouble[0] = InvalidArgument("Never.")
        running.fire(alarm)
        ending = _ending(world)

        running.fire(ending)
        kept = stored(world, alarm)
        world.clock.advance(timedelta(days=7, seconds=2))
        running.fire(ending)

        assert "failed" == kept["state"]
        assert 2 == len(work.tidied)
        assert [] == world.documents("operations")
        assert [] == world.documents("timers")

    def test_called_off_it_stops_at_the_next_step(
        self, world: World, running: Running, work: Counting, alarm: Alarm
    ):
        """The step under way does not count, and nothing follows it."""
        step = work.step

        def calling_off(operation):
            if operation.cursor.get("next") == 2:
                world.services.operations.cancel(Actor(UID), operation.id)
            return step(operation)

        work.step = calling_off
        running.fire(alarm)

        operation = stored(world, alarm)
        assert ("cancelled", 2) == (operation["state"], operation["done"])
        assert 2 == len(world.documents("made"))
        assert [alarm.subject["operationId"]] == work.tidied


def _ending(world: World) -> Alarm:
    ((timer_id, fields),) = (
        (each.id, each.to_dict()) for each in world.database.collection("timers").stream()
    )
    return Alarm(timer_id, fields["subject"])
