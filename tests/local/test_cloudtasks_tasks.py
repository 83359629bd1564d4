"""Tasks, through the real client: what is accepted, refused, listed, deleted and run."""

from datetime import UTC, datetime, timedelta

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.protobuf import timestamp_pb2

from tests.local.cloudtasks_world import LOCATION, QUEUE, World

FULL = tasks_v2.Task.View.FULL


@pytest.fixture
def world():
    with World() as world:
        yield world


class TestCreateTask:
    """CreateTask: what the service fills in."""

    def test_an_unnamed_task_gets_a_name_and_the_present_time(self, world):
        """A schedule time that is missing or past becomes now; the deadline is ten minutes."""
        world.client.pause_queue(name=QUEUE)

        task = world.create(schedule_time=world.in_s(-60))

        assert task.name.startswith(f"{QUEUE}/tasks/")
        assert world.clock.now() == task.schedule_time == task.create_time
        assert timedelta(minutes=10) == task.dispatch_deadline
        assert task.http_request.http_method == tasks_v2.HttpMethod.POST

    def test_the_body_shows_in_the_full_view_only(self, world):
        """BASIC is the default, for create, get and list alike."""
        world.client.pause_queue(name=QUEUE)
        made = world.create("one", http_request={"body": b"secret"})
        full = world.client.get_task(request={"name": made.name, "response_view": FULL})
        [listed] = world.client.list_tasks(request={"parent": QUEUE, "response_view": FULL})

        assert made.http_request.body == b""
        assert world.client.get_task(name=made.name).http_request.body == b""
        assert b"secret" == full.http_request.body == listed.http_request.body

    def test_a_task_reads_back_as_written(self, world):
        """Settings, headers and token; the service's own User-Agent takes its place."""
        written = {
            "http_method": "PUT",
            "headers": {"Content-Type": "application/json", "user-agent": "me", "Host": "x"},
            "oidc_token": {"service_account_email": "jobs@demo", "audience": "https://a"},
        }
        made = world.create(
            "one",
            http_request=written,
            schedule_time=world.in_s(90.000001),
            dispatch_deadline=timedelta(seconds=20),
            retry_config={"max_attempts": 3, "min_backoff": timedelta(seconds=2)},
        )
        task = world.client.get_task(name=made.name)

        assert task.http_request.http_method == tasks_v2.HttpMethod.PUT
        assert dict(task.http_request.headers) == {
            "Content-Type": "application/json",
            "User-Agent": "Google-Cloud-Tasks",
        }
        assert task.http_request.oidc_token.service_account_email == "jobs@demo"
        assert task.http_request.oidc_token.audience == "https://a"
        assert world.in_s(90.000001) == task.schedule_time
        assert timedelta(seconds=20) == task.dispatch_deadline
        assert task.retry_config.max_attempts == 3
        assert timedelta(seconds=2) == task.retry_config.min_backoff


class TestRefusedTasks:
    """CreateTask: what the cloud refuses is refused here too."""

    def test_a_missing_queue_is_not_found(self, world):
        """With the service's own words."""
        with pytest.raises(exceptions.NotFound, match="Queue does not exist"):
            world.create(queue=f"{LOCATION}/queues/none")

    @pytest.mark.parametrize("name", ["a b", "a.b", "ü", "a" * 501, "a\n", ""])
    def test_a_bad_task_id_is_refused(self, world, name):
        """Letters, digits, hyphens, underscores; 500 at most."""
        task = {"name": f"{QUEUE}/tasks/{name}", "http_request": {"url": "http://127.0.0.1/"}}

        with pytest.raises(exceptions.InvalidArgument, match="Task ID"):
            world.client.create_task(parent=QUEUE, task=task)

    def test_a_name_of_another_queue_is_refused(self, world):
        """The name must repeat the parent."""
        task = {"name": f"{QUEUE}-b/tasks/a", "http_request": {"url": "http://127.0.0.1/"}}

        with pytest.raises(exceptions.InvalidArgument, match="must be the same as"):
            world.client.create_task(parent=QUEUE, task=task)

    def test_a_bare_id_is_no_name(self, world):
        """The full name is wanted."""
        task = {"name": "one", "http_request": {"url": "http://127.0.0.1/"}}

        with pytest.raises(exceptions.InvalidArgument, match="Task name must be formatted"):
            world.client.create_task(parent=QUEUE, task=task)

    def test_thirty_days_ahead_is_the_limit(self, world):
        """On the dot it is taken, a second later refused."""
        world.create(schedule_time=world.in_s(30 * 86400))

        with pytest.raises(exceptions.InvalidArgument, match="no more than 720h in the future"):
            world.create(schedule_time=world.in_s(30 * 86400 + 1))

    @pytest.mark.parametrize("seconds", [1, 14.999, 1800.001, 86400])
    def test_a_deadline_out_of_range_is_refused(self, world, seconds):
        """15 s to 30 min."""
        with pytest.raises(exceptions.InvalidArgument, match="dispatchDeadline"):
            world.create(dispatch_deadline=timedelta(seconds=seconds))

    @pytest.mark.parametrize(
        ("request_", "message"),
        [
            ({"url": ""}, "url is required"),
            ({"url": "ftp://127.0.0.1/"}, "must start with"),
            ({"url": "127.0.0.1/work"}, "must start with"),
            ({"url": "http:///work"}, "must name a host"),
            ({"url": "http://127.0.0.1:99999/"}, "must name a host"),
            ({"url": "http://127.0.0.1/" + "a" * 2070}, "2083"),
            ({"http_method": "GET", "body": b"x"}, "body is allowed only"),
            ({"headers": {"A": "b\r\nC: d"}}, "valid HTTP header"),
            ({"headers": {"a b": "c"}}, "valid HTTP header"),
            ({"headers": {"A": "b" * 81920}}, "80KB"),
            ({"oidc_token": {}}, "serviceAccountEmail"),
            ({"oidc_token": {"audience": "https://a"}}, "serviceAccountEmail"),
            (
                {
                    "url": "http://example.test/",
                    "oidc_token": {"service_account_email": "jobs@demo"},
                },
                "must start with 'https://'",
            ),
        ],
    )
    def test_a_bad_request_is_refused(self, world, request_, message):
        """Each with the name of its field."""
        with pytest.raises(exceptions.InvalidArgument, match=message):
            world.create(http_request=request_)

    def test_a_task_without_a_request_is_refused(self, world):
        """There must be something to do."""
        with pytest.raises(exceptions.InvalidArgument, match="http_request is required"):
            world.client.create_task(parent=QUEUE, task={})

    def test_a_megabyte_is_the_limit(self, world):
        """The whole task counts, so the body may be a little smaller than 1 MiB."""
        world.client.pause_queue(name=QUEUE)
        world.create("fits", http_request={"body": b"x" * (1024 * 1024 - 400)})

        with pytest.raises(exceptions.InvalidArgument, match="Task size too large"):
            world.create("big", http_request={"body": b"x" * (1024 * 1024)})
        assert world.names() == ["fits"]

    def test_a_time_beyond_all_calendars_is_refused(self, world):
        """A timestamp no datetime can hold is an invalid argument, not an internal error."""
        request = tasks_v2.CreateTaskRequest(
            parent=QUEUE, task={"http_request": {"url": "http://127.0.0.1/"}}
        )
        beyond = timestamp_pb2.Timestamp(seconds=2**55)
        tasks_v2.CreateTaskRequest.pb(request).task.schedule_time.CopyFrom(beyond)

        with pytest.raises(exceptions.InvalidArgument, match="Invalid value"):
            world.client.create_task(request)

    def test_retry_settings_of_a_task_are_checked(self, world):
        """Also against those of its queue, which fill the gaps."""
        with pytest.raises(exceptions.InvalidArgument, match="maxAttempts"):
            world.create(retry_config={"max_attempts": -2})
        world.retry(max_backoff=10)
        with pytest.raises(exceptions.InvalidArgument, match="less than or equal"):
            world.create(retry_config={"min_backoff": timedelta(seconds=11)})
        world.retry(max_backoff=7200)
        world.create(retry_config={"min_backoff": timedelta(seconds=7200)})


class TestNamedTasks:
    """A name is used once."""

    def test_a_waiting_name_is_taken(self, world):
        """ALREADY_EXISTS, which is a Conflict."""
        world.create("one", schedule_time=world.in_s(60))

        with pytest.raises(exceptions.AlreadyExists):
            world.create("one")

    def test_a_name_stays_taken_for_an_hour_after_the_task_ran(self, world):
        """Then it is free again."""
        world.create("one")
        world.settle()
        world.advance(3599)
        with pytest.raises(exceptions.Conflict):
            world.create("one")

        world.advance(2)
        world.create("one")
        world.settle()

        assert world.receiver.tasks == ["one", "one"]

    @pytest.mark.parametrize("way", ["deleted", "purged", "given up"])
    def test_so_does_a_name_whose_task_ended_otherwise(self, world, way):
        """Deleted, purged or given up."""
        world.receiver.answers = [500]
        world.retry(max_attempts=1)
        later = {} if way == "given up" else {"schedule_time": world.in_s(60)}
        world.create("one", **later)
        if way == "deleted":
            world.client.delete_task(name=f"{QUEUE}/tasks/one")
        elif way == "purged":
            world.client.purge_queue(name=QUEUE)
        world.settle()

        assert world.names() == []
        with pytest.raises(exceptions.AlreadyExists):
            world.create("one")

    def test_names_of_two_queues_do_not_meet(self, world):
        """The queue is part of the name."""
        other = f"{LOCATION}/queues/other"
        world.client.create_queue(parent=LOCATION, queue={"name": other})
        world.create("one")
        world.create("one", queue=other)
        world.settle()

        assert world.receiver.tasks == ["one", "one"]


class TestGetListDelete:
    """GetTask, ListTasks, DeleteTask."""

    def test_tasks_are_listed_in_pages(self, world):
        """The client follows the page tokens; nothing is shown twice."""
        for number in range(5):
            world.create(f"t{number}", schedule_time=world.in_s(60 - number))

        pages = world.client.list_tasks(request={"parent": QUEUE, "page_size": 2}).pages
        found = [[task.name.rpartition("/")[2] for task in page.tasks] for page in pages]

        assert found == [["t0", "t1"], ["t2", "t3"], ["t4"]]

    def test_a_bad_page_is_refused(self, world):
        """A token of our own making, or a negative size."""
        for wrong in (
            {"page_token": "???"},
            {"page_token": "YWJj"},
            {"page_token": "OTk5" * 9},
            {"page_size": -1},
        ):
            with pytest.raises(exceptions.InvalidArgument, match="page_"):
                list(world.client.list_tasks(request={"parent": QUEUE, **wrong}))

    def test_a_deleted_task_is_not_delivered(self, world):
        """And can be neither read nor deleted again."""
        name = world.create("one", schedule_time=world.in_s(5)).name
        world.client.delete_task(name=name)
        world.advance(10)

        assert world.receiver.received == []
        with pytest.raises(exceptions.NotFound, match="existed recently"):
            world.client.get_task(name=name)
        with pytest.raises(exceptions.NotFound):
            world.client.delete_task(name=name)

    def test_an_unknown_task_is_not_found(self, world):
        """In the service's other words."""
        with pytest.raises(exceptions.NotFound, match="Requested entity was not found"):
            world.client.get_task(name=f"{QUEUE}/tasks/none")

    def test_a_failed_task_tells_of_its_attempts(self, world):
        """Counts, first and last attempt with status."""
        world.receiver.answers = [429]
        world.retry(min_backoff=30)
        began_at = world.clock.now()
        world.create("one")
        world.settle()

        task = world.client.get_task(name=f"{QUEUE}/tasks/one")

        assert (task.dispatch_count, task.response_count) == (1, 1)
        assert began_at == task.first_attempt.dispatch_time == task.last_attempt.schedule_time
        assert began_at == task.last_attempt.response_time
        assert task.last_attempt.response_status.code == 8
        assert began_at + timedelta(seconds=30) == task.schedule_time


class TestRunTask:
    """RunTask delivers now."""

    def test_it_ignores_the_schedule_and_a_pause(self, world):
        """The task it returns has been dispatched."""
        name = world.create("one", schedule_time=world.in_s(3600)).name
        world.client.pause_queue(name=QUEUE)

        task = world.client.run_task(name=name)
        world.settle()

        assert task.dispatch_count == 1
        assert world.receiver.tasks == ["one"]
        assert world.names() == []

    def test_after_a_failure_the_back_off_counts_from_the_call(self, world):
        """The old schedule time is gone."""
        world.receiver.answers = [500]
        world.retry(min_backoff=7)
        name = world.create("one", schedule_time=world.in_s(3600)).name

        world.client.run_task(name=name)
        world.settle()

        assert world.in_s(7) == world.client.get_task(name=name).schedule_time

    def test_a_finished_task_is_not_found(self, world):
        """Nothing is run twice."""
        name = world.create("one").name
        world.settle()

        with pytest.raises(exceptions.NotFound):
            world.client.run_task(name=name)


def test_the_clock_of_these_tests_is_virtual(world):
    """Nothing here depends on the day it runs."""
    assert datetime(2026, 3, 1, 9, 0, tzinfo=UTC) == world.clock.now()
