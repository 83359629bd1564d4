"""Queues, through the real client."""

from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from tests.local.cloudtasks_world import LOCATION, QUEUE, World


@pytest.fixture
def world():
    with World() as world:
        yield world


class TestQueues:
    """CreateQueue, GetQueue, ListQueues, UpdateQueue, DeleteQueue."""

    def test_a_new_queue_has_the_documented_defaults(self, world):
        """What is not given is what Google picks."""
        world.client.create_queue(parent=LOCATION, queue={"name": f"{LOCATION}/queues/plain"})

        queue = world.client.get_queue(name=f"{LOCATION}/queues/plain")

        assert queue.state == tasks_v2.Queue.State.RUNNING
        assert queue.retry_config.max_attempts == 100
        assert queue.retry_config.max_doublings == 16
        assert timedelta(seconds=0.1) == queue.retry_config.min_backoff
        assert timedelta(hours=1) == queue.retry_config.max_backoff
        assert queue.rate_limits.max_concurrent_dispatches == 1000
        assert queue.rate_limits.max_dispatches_per_second == 500

    def test_settings_given_are_kept(self, world):
        """Retry and rate settings read back as written."""
        made = tasks_v2.Queue(
            name=f"{LOCATION}/queues/own",
            retry_config={"max_attempts": -1, "max_retry_duration": timedelta(hours=2)},
            rate_limits={"max_concurrent_dispatches": 3, "max_dispatches_per_second": 0.5},
        )

        queue = world.client.create_queue(parent=LOCATION, queue=made)

        assert queue.retry_config.max_attempts == -1
        assert timedelta(hours=2) == queue.retry_config.max_retry_duration
        assert queue.rate_limits.max_concurrent_dispatches == 3
        assert queue.rate_limits.max_dispatches_per_second == 0.5

    def test_creating_it_twice_is_refused(self, world):
        """The second create answers ALREADY_EXISTS."""
        with pytest.raises(exceptions.AlreadyExists, match="Queue already exists"):
            world.client.create_queue(parent=LOCATION, queue={"name": QUEUE})

    @pytest.mark.parametrize(
        "name",
        ["", "jobs", f"{LOCATION}/queues/", f"{LOCATION}/queues/a_b", f"{LOCATION}/queues/a\n",
         f"{LOCATION}/queues/{'a' * 101}", f"{LOCATION}/queues/a/tasks/b"],
    )  # fmt: skip
    def test_a_bad_name_is_refused(self, world, name):
        """Names follow the documented pattern and length."""
        with pytest.raises(exceptions.InvalidArgument, match="Queue name must be formatted"):
            world.client.create_queue(parent=LOCATION, queue={"name": name})

    def test_a_queue_belongs_to_its_location(self, world):
        """The name begins with the parent."""
        with pytest.raises(exceptions.InvalidArgument, match="must begin with"):
            world.client.create_queue(
                parent="projects/demo-test/locations/elsewhere", queue={"name": f"{QUEUE}2"}
            )

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"retry_config": {"max_attempts": -2}}, "maxAttempts"),
            ({"retry_config": {"max_doublings": -1}}, "maxDoublings"),
            ({"retry_config": {"min_backoff": timedelta(seconds=-1)}}, "minBackoff"),
            ({"retry_config": {"min_backoff": timedelta(hours=2)}}, "less than or equal"),
            ({"rate_limits": {"max_concurrent_dispatches": 5001}}, "5000"),
            ({"rate_limits": {"max_concurrent_dispatches": -1}}, "negative"),
            ({"rate_limits": {"max_dispatches_per_second": 501}}, "500"),
            ({"rate_limits": {"max_dispatches_per_second": float("nan")}}, "negative"),
        ],
    )
    def test_settings_out_of_range_are_refused(self, world, settings, message):
        """Each with the name of its field."""
        queue = tasks_v2.Queue(name=f"{LOCATION}/queues/bad", **settings)

        with pytest.raises(exceptions.InvalidArgument, match=message):
            world.client.create_queue(parent=LOCATION, queue=queue)

    def test_a_missing_queue_is_not_found(self, world):
        """With the service's own words."""
        with pytest.raises(exceptions.NotFound, match="Queue does not exist"):
            world.client.get_queue(name=f"{LOCATION}/queues/none")

    def test_queues_are_listed_in_pages(self, world):
        """The client follows the page tokens; another location's queues stay out."""
        for number in range(4):
            name = f"{LOCATION}/queues/q{number}"
            world.client.create_queue(parent=LOCATION, queue={"name": name})
        other = "projects/demo-test/locations/elsewhere"
        world.client.create_queue(parent=other, queue={"name": f"{other}/queues/a"})

        pages = world.client.list_queues(request={"parent": LOCATION, "page_size": 2}).pages
        found = [[queue.name.rpartition("/")[2] for queue in page.queues] for page in pages]

        assert found == [["jobs", "q0"], ["q1", "q2"], ["q3"]]

    def test_an_update_changes_what_the_mask_names(self, world):
        """The rest stays."""
        wanted = tasks_v2.Queue(name=QUEUE, retry_config={"max_attempts": 7, "max_doublings": 2})

        queue = world.client.update_queue(
            queue=wanted, update_mask={"paths": ["retry_config.max_attempts"]}
        )

        assert queue.retry_config.max_attempts == 7
        assert queue.retry_config.max_doublings == 16
        assert queue == world.client.get_queue(name=QUEUE)

    def test_a_deleted_queue_takes_its_tasks_along_and_blocks_its_name(self, world):
        """For three days, after which the name is free and the queue empty."""
        world.create(schedule_time=world.in_s(60))
        world.client.delete_queue(name=QUEUE)

        with pytest.raises(exceptions.FailedPrecondition, match="existed too recently"):
            world.client.create_queue(parent=LOCATION, queue={"name": QUEUE})
        with pytest.raises(exceptions.NotFound):
            world.client.delete_queue(name=QUEUE)
        world.advance(3 * 86400 + 1)
        world.client.create_queue(parent=LOCATION, queue={"name": QUEUE})

        assert world.names() == []
        assert world.receiver.received == []


class TestPauseResumePurge:
    """PauseQueue, ResumeQueue, PurgeQueue."""

    def test_a_paused_queue_takes_tasks_and_keeps_them(self, world):
        """Nothing is delivered before it is resumed."""
        paused = world.client.pause_queue(name=QUEUE)
        world.create("one")
        world.settle()

        assert paused.state == tasks_v2.Queue.State.PAUSED
        assert world.receiver.received == []

        resumed = world.client.resume_queue(name=QUEUE)
        world.settle()

        assert resumed.state == tasks_v2.Queue.State.RUNNING
        assert world.receiver.tasks == ["one"]

    def test_a_purge_deletes_every_task(self, world):
        """They are never delivered, and the queue remembers when it was purged."""
        world.create("one", schedule_time=world.in_s(5))
        world.create("two", schedule_time=world.in_s(9))

        purged = world.client.purge_queue(name=QUEUE)
        world.advance(10)

        assert world.clock.now() - timedelta(seconds=10) == purged.purge_time
        assert world.names() == []
        assert world.receiver.received == []

    @pytest.mark.parametrize("verb", ["pause_queue", "resume_queue", "purge_queue"])
    def test_a_missing_queue_is_not_found(self, world, verb):
        """All three say so."""
        with pytest.raises(exceptions.NotFound, match="Queue does not exist"):
            getattr(world.client, verb)(name=f"{LOCATION}/queues/none")


class TestNotBuilt:
    """What the stand-in lacks."""

    def test_unbuilt_methods_answer_by_name(self, world):
        """UNIMPLEMENTED names the method, whichever service it belongs to."""
        with pytest.raises(exceptions.MethodNotImplemented, match="GetIamPolicy"):
            world.client.get_iam_policy(request={"resource": QUEUE})
        with pytest.raises(exceptions.MethodNotImplemented, match="ListLocations"):
            world.client.list_locations(request={"name": "projects/demo-test"})
        with pytest.raises(exceptions.MethodNotImplemented, match="filter"):
            list(world.client.list_queues(request={"parent": LOCATION, "filter": "state: PAUSED"}))

    def test_unbuilt_fields_answer_by_name(self, world):
        """A setting that would not be honoured is refused instead of ignored."""
        queue = tasks_v2.Queue(name=f"{QUEUE}3", http_target={"http_method": "GET"})

        with pytest.raises(exceptions.MethodNotImplemented, match="http_target"):
            world.client.create_queue(parent=LOCATION, queue=queue)
        with pytest.raises(exceptions.MethodNotImplemented, match="app_engine_http_request"):
            world.client.create_task(
                parent=QUEUE, task={"app_engine_http_request": {"relative_uri": "/"}}
            )
        with pytest.raises(exceptions.MethodNotImplemented, match="oauth_token"):
            world.create(http_request={"oauth_token": {"service_account_email": "a@b"}})
