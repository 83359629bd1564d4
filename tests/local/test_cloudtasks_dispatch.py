"""Deliveries: when, how many at once, and what goes over the wire."""

import threading
import time

import pytest

from local.cloudtasks import CloudTasksStandIn
from tests.local.cloudtasks_world import LOCATION, PATIENCE_S, QUEUE, World, client_of


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


class TestRequest:
    """What the handler gets."""

    def test_method_path_body_and_headers_arrive(self, world):
        """The caller's as well as the service's."""
        world.create(
            "one",
            http_request={
                "url": f"{world.receiver.url}/internal/jobs/react?x=a%20b&y=ü",
                "http_method": "PUT",
                "headers": {"Content-Type": "application/json", "X-Mine": "yes"},
                "body": b'{"taskId": "t"}',
            },
        )
        world.settle()

        [got] = world.receiver.received
        assert (got.method, got.body) == ("PUT", b'{"taskId": "t"}')
        assert got.path == "/internal/jobs/react?x=a%20b&y=%C3%BC"
        assert got.headers["X-Mine"] == "yes"
        assert got.headers["Content-Type"] == "application/json"
        assert got.headers["User-Agent"] == "Google-Cloud-Tasks"
        assert got.headers["X-CloudTasks-QueueName"] == "jobs"
        assert got.headers["X-CloudTasks-TaskName"] == "one"
        assert got.headers["X-CloudTasks-TaskRetryCount"] == "0"
        assert got.headers["X-CloudTasks-TaskExecutionCount"] == "0"
        assert f"{world.clock.now().timestamp():.6f}" == got.headers["X-CloudTasks-TaskETA"]
        assert got.headers["Authorization"] is None

    def test_the_services_own_headers_cannot_be_forged(self, world):
        """What the caller sets under their names does not arrive."""
        forged = {
            "x-cloudtasks-taskretrycount": "9",
            "X-Google-Thing": "1",
            "X-AppEngine-QueueName": "q",
            "HOST": "elsewhere",
            "content-length": "999",
            "User-Agent": "me",
        }
        world.create("one", http_request={"headers": forged, "body": b"abc"})
        world.settle()

        [got] = world.receiver.received
        assert got.headers.get_all("X-CloudTasks-TaskRetryCount") == ["0"]
        assert got.headers.get_all("User-Agent") == ["Google-Cloud-Tasks"]
        assert got.headers.get_all("Content-Length") == ["3"]
        assert [world.receiver.url.removeprefix("http://")] == got.headers.get_all("Host")
        assert got.headers["X-Google-Thing"] is None
        assert got.headers["X-AppEngine-QueueName"] is None

    def test_a_get_has_no_body(self, world):
        """Nor a length."""
        world.create("one", http_request={"http_method": "GET"})
        world.settle()

        [got] = world.receiver.received
        assert (got.method, got.body, got.headers["Content-Length"]) == ("GET", b"", None)


class TestSchedule:
    """schedule_time."""

    def test_a_task_waits_for_its_time(self, world):
        """Not a moment before; the handler is told the schedule time."""
        at = world.in_s(3600.25)
        world.create("later", schedule_time=at)
        world.advance(3600)
        assert world.receiver.received == []
        world.advance(0.25)

        [got] = world.receiver.received
        assert f"{at.timestamp():.6f}" == got.headers["X-CloudTasks-TaskETA"]

    def test_the_machines_clock_needs_no_waking(self, tmp_path):
        """With real time, a task is delivered when its moment comes."""
        with World(tmp_path, clock=None) as world:
            world.receiver.answers = [500, 200]
            world.create("one")
            world.receiver.wait_until(lambda: len(world.receiver.received) == 2)


class TestConcurrency:
    """rate_limits.max_concurrent_dispatches."""

    def test_several_go_at_once(self, world):
        """None waits for another."""
        world.receiver.is_gated = True
        for number in range(5):
            world.create(f"t{number}")
        world.receiver.wait_until(lambda: world.receiver.now_inside == 5)
        world.receiver.gate.set()
        world.settle()

        assert len(world.receiver.received) == 5

    def test_a_queues_limit_holds(self, world):
        """Two at a time, in the order of creation, until all are done."""
        queue = f"{LOCATION}/queues/narrow"
        limits = {"max_concurrent_dispatches": 2}
        world.client.create_queue(parent=LOCATION, queue={"name": queue, "rate_limits": limits})
        world.receiver.is_gated = True
        for number in range(6):
            world.create(f"t{number}", queue=queue)
        world.receiver.wait_until(lambda: world.receiver.now_inside == 2)
        world.create("other")  # Another queue is not held up.
        world.receiver.wait_until(lambda: world.receiver.now_inside == 3)
        waiting = world.names(queue)
        world.receiver.gate.set()
        world.settle()

        assert len(waiting) == 6
        assert {"t0", "t1", "other"} == set(world.receiver.tasks[:3])
        assert len(world.receiver.received) == 7
        assert world.receiver.most_inside <= 3

    def test_many_creators_lose_nothing(self, world):
        """Four clients at once; every task is delivered exactly once."""

        def create(creator: int) -> None:
            for number in range(25):
                world.create(f"c{creator}-{number}")

        threads = [threading.Thread(target=create, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        world.settle()

        assert len(world.receiver.received) == 100
        assert len(set(world.receiver.tasks)) == 100


class TestDeletedInFlight:
    """A task that is deleted while its handler works."""

    def test_it_is_not_retried(self, world):
        """The request goes on, and its failure has no consequence."""
        world.receiver.is_gated = True
        world.receiver.answers = [500]
        name = world.create("one").name
        world.receiver.wait_until(lambda: world.receiver.now_inside == 1)
        world.client.delete_task(name=name)
        world.receiver.gate.set()
        world.settle()
        world.advance(3600)

        assert world.receiver.tasks == ["one"]
        assert world.names() == []


class TestSettle:
    """settle() and the life of an in-process stand-in."""

    def test_it_says_what_is_pending_when_it_gives_up(self, world):
        """A handler that hangs is named."""
        world.receiver.is_gated = True
        world.create("stuck")
        world.receiver.wait_until(lambda: world.receiver.now_inside == 1)

        with pytest.raises(TimeoutError, match="tasks/stuck"):
            world.tasks.settle(timeout_s=0.01)

    def test_work_that_makes_work_is_waited_for(self, world):
        """A handler may create tasks; settle waits for those as well."""
        answer = world.receiver.take

        def chained(request):
            status = answer(request)
            if request.task in ("a", "b"):
                world.create(chr(ord(request.task) + 1))
            return status

        world.receiver.take = chained
        world.create("a")
        world.settle()

        assert world.receiver.tasks == ["a", "b", "c"]

    def test_it_starts_fast(self, tmp_path):
        """There is one for each API test, so it may not take a tenth of a second."""
        spent_s = []
        for number in range(3):
            began = time.perf_counter()
            with CloudTasksStandIn(data_dir=tmp_path / str(number), queues=[QUEUE]) as tasks:
                spent_s.append(time.perf_counter() - began)
                channel, client = client_of(tasks.address)
                assert client.get_queue(name=QUEUE).name == QUEUE
                channel.close()

        assert min(spent_s) < 0.1
