"""Retries: when, how often, and what they are told."""

from datetime import timedelta

import pytest

from local.cloudtasks.backoff import backoff_s
from local.cloudtasks.model import RetryConfig
from tests.local.cloudtasks_world import QUEUE, World


@pytest.fixture
def world():
    with World() as world:
        yield world


class TestBackoff:
    """The documented formula, on its own."""

    def test_the_documented_example(self):
        """10 s, 300 s, 3 doublings, as the RetryConfig reference has it."""
        retry = RetryConfig(min_backoff_s=10, max_backoff_s=300, max_doublings=3)

        found = [backoff_s(retry, retry_number=n) for n in range(1, 9)]

        assert found == [10, 20, 40, 80, 160, 240, 300, 300]

    def test_without_doublings_it_grows_evenly(self):
        """By min_backoff each time."""
        retry = RetryConfig(min_backoff_s=2, max_backoff_s=7, max_doublings=0)

        assert [backoff_s(retry, retry_number=n) for n in range(1, 5)] == [2, 4, 6, 7]

    def test_it_never_overflows(self):
        """However many doublings and attempts there are."""
        retry = RetryConfig(min_backoff_s=0.1, max_backoff_s=3600, max_doublings=2**31 - 1)

        assert backoff_s(retry, retry_number=2**31 - 1) == 3600


class TestRetries:
    """A failed task, through the client and over HTTP."""

    def test_it_is_tried_again_when_the_formula_says(self, world):
        """Not a moment before, and until a 2xx."""
        world.receiver.answers = [500, 503, 404, 302, 429, 500, 204]
        world.retry(min_backoff=10, max_backoff=300, max_doublings=3)
        world.create("one")
        world.settle()
        for count, pause_s in enumerate([10, 20, 40, 80, 160, 240], start=1):
            world.advance(pause_s - 0.001)
            assert count == len(world.receiver.received)
            world.advance(0.001)
            assert count + 1 == len(world.receiver.received)

        assert world.names() == []
        assert [*["failed"] * 6, "succeeded"] == world.outcomes()

    def test_retries_are_told_what_went_before(self, world):
        """Counts and headers as recorded from the real service (5xx are no executions)."""
        world.receiver.answers = [503, 404, 429, 500, 302, 200]
        world.create("one")
        world.settle()
        for _ in range(5):
            world.advance(60)

        def told(header):
            return [r.headers[f"X-CloudTasks-Task{header}"] for r in world.receiver.received]

        assert told("RetryCount") == ["0", "1", "2", "3", "4", "5"]
        assert told("ExecutionCount") == ["0", "0", "1", "2", "2", "3"]
        assert told("PreviousResponse") == [None, "503", "404", "429", "500", "302"]
        assert told("RetryReason") == [None, "", "", "", "", ""]

    def test_a_redirect_is_a_failure_and_not_followed(self, world):
        """A 3xx counts as any other failure."""
        world.receiver.answers = [302]
        world.create("one")
        world.settle()

        assert [request.path for request in world.receiver.received] == ["/work"]
        assert world.names() == ["one"]

    @pytest.mark.parametrize("status", [200, 201, 204, 299])
    def test_any_2xx_is_success(self, world, status):
        """The task is gone."""
        world.receiver.answers = [status]
        world.create("one")
        world.settle()

        assert world.names() == []

    def test_it_is_given_up_after_max_attempts(self, world):
        """The first attempt counts."""
        world.receiver.answers = [500] * 9
        world.retry(max_attempts=3)
        world.create("one")
        world.settle()
        for _ in range(5):
            world.advance(3600)

        assert world.outcomes() == ["failed", "failed", "gave_up"]
        assert world.names() == []

    def test_it_is_given_up_only_when_both_limits_are_met(self, world):
        """max_attempts alone does not do it while max_retry_duration lasts, nor the reverse."""
        world.receiver.answers = [500] * 9
        world.retry(max_attempts=2, max_retry_duration=25, min_backoff=10, max_backoff=10)
        world.create("one")
        world.settle()
        for _ in range(5):
            world.advance(10)

        assert world.outcomes() == ["failed", "failed", "failed", "gave_up"]

    def test_the_age_alone_does_not_end_it(self, world):
        """Attempts are left, so it goes on although the time is over."""
        world.receiver.answers = [500] * 9
        world.retry(max_attempts=4, max_retry_duration=1, min_backoff=10, max_backoff=10)
        world.create("one")
        world.settle()
        for _ in range(5):
            world.advance(10)

        assert world.outcomes() == ["failed", "failed", "failed", "gave_up"]

    def test_unlimited_attempts_end_with_the_duration_if_there_is_one(self, world):
        """-1 sets no limit; without a duration either, only retention ends it."""
        world.receiver.answers = [500] * 9
        world.retry(max_attempts=-1, max_retry_duration=15, min_backoff=10, max_backoff=10)
        world.create("one")
        world.settle()
        for _ in range(4):
            world.advance(10)

        assert world.outcomes() == ["failed", "failed", "gave_up"]

    def test_after_31_days_a_task_is_gone(self, world):
        """Whatever its retries."""
        world.receiver.answers = [500] * 99
        world.retry(max_attempts=-1, min_backoff=86400 * 20, max_backoff=86400 * 40)
        world.create("one")
        world.settle()
        world.advance(86400 * 20)
        world.advance(86400 * 12)

        assert world.outcomes() == ["failed", "failed", "expired"]
        assert world.names() == []

    def test_a_tasks_own_retry_settings_win(self, world):
        """What it does not say, the queue says."""
        world.receiver.answers = [500] * 9
        world.retry(max_attempts=9, min_backoff=5)
        world.create("one", retry_config={"max_attempts": 2})
        world.settle()
        world.advance(4.9)
        assert len(world.receiver.received) == 1
        world.advance(0.1)

        assert world.outcomes() == ["failed", "gave_up"]

    def test_an_unreachable_handler_is_retried(self, world):
        """Nobody listens at the URL; the retry is told of 503."""
        world.retry(min_backoff=5)
        world.create("one", http_request={"url": "http://127.0.0.1:9/"})
        world.settle()

        task = world.client.get_task(name=f"{QUEUE}/tasks/one")

        assert (task.dispatch_count, task.response_count) == (1, 0)
        assert task.last_attempt.response_status.code == 14
        assert world.in_s(5) == task.schedule_time


class TestDispatchDeadline:
    """A handler that takes too long."""

    def test_the_request_is_cancelled_and_counts_as_failed(self, world):
        """The retry is told of 504, and that there was no response."""
        world.receiver.is_gated = True
        world.retry(min_backoff=5)
        world.create("slow", dispatch_deadline=timedelta(seconds=15))
        world.receiver.wait_until(lambda: world.receiver.now_inside == 1)
        world.advance(15)

        task = world.client.get_task(name=f"{QUEUE}/tasks/slow")

        assert (task.dispatch_count, task.response_count) == (1, 0)
        assert task.last_attempt.response_status.code == 4
        assert world.in_s(5) == task.schedule_time

        world.receiver.gate.set()
        world.advance(5)

        retried = world.receiver.received[-1].headers
        assert retried["X-CloudTasks-TaskPreviousResponse"] == "504"
        assert retried["X-CloudTasks-TaskExecutionCount"] == "0"
        assert world.names() == []

    def test_within_the_deadline_nothing_is_cancelled(self, world):
        """An instant before it, the handler may still answer."""
        world.receiver.is_gated = True
        world.create("slow", dispatch_deadline=timedelta(seconds=15))
        world.receiver.wait_until(lambda: world.receiver.now_inside == 1)
        world.clock.advance(14.9)
        world.tasks.wake()
        world.receiver.gate.set()
        world.settle()

        assert world.outcomes() == ["succeeded"]
