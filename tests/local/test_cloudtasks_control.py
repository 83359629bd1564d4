"""The HTTP side: health, the page, tasks, attempts, reset."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.local.cloudtasks_world import LOCATION, QUEUE, World


@pytest.fixture
def world():
    with World() as world:
        yield world


class TestReading:
    """What can be looked at."""

    def test_health(self, world):
        """It answers once it is up."""
        assert world.control("GET", "/healthz") == {"status": "ok"}

    def test_waiting_tasks_are_listed(self, world):
        """Those due first in front, with what they are about to send."""
        world.create("later", schedule_time=world.in_s(60))
        world.create("sooner", schedule_time=world.in_s(30), http_request={"body": b'{"a": 1}'})

        listed = world.control("GET", "/control/tasks")

        assert listed["total"] == 2
        assert [f"{QUEUE}/tasks/sooner", f"{QUEUE}/tasks/later"] == [
            task["name"] for task in listed["tasks"]
        ]
        first = listed["tasks"][0]
        assert first["body"] == '{"a": 1}'
        assert world.in_s(30).isoformat() == first["scheduleTime"]
        assert (first["dispatchCount"], first["isHeld"], first["isInFlight"]) == (0, False, False)

    def test_attempts_are_listed_newest_first(self, world):
        """Of all tasks, or of one."""
        world.receiver.answers = [500, 200]
        world.create("one")
        world.settle()
        world.create("two")
        world.settle()

        attempts = world.control("GET", "/control/attempts")["attempts"]
        of_one = world.control("GET", f"/control/attempts?task={QUEUE}/tasks/one")["attempts"]

        assert [(attempt["outcome"], attempt["status"]) for attempt in attempts] == [
            ("succeeded", 200),
            ("failed", 500),
        ]
        assert [f"{QUEUE}/tasks/one"] == [attempt["task"] for attempt in of_one]
        assert of_one[0]["number"] == 1

    def test_the_page_shows_all_and_escapes_it(self, world):
        """A URL is a stranger's text."""
        evil = f"{world.receiver.url}/<script>alert(1)</script>"
        world.create("done", http_request={"url": evil})
        world.settle()
        world.create("later", schedule_time=world.in_s(60), http_request={"url": evil})
        world.control("POST", "/control/faults", {"kind": "drop", "path": "/<b>"})

        with urlopen(f"{world.tasks.control_url}/", timeout=60) as answer:
            html = answer.read().decode()

        assert QUEUE in html
        assert f"{QUEUE}/tasks/later" in html
        assert "succeeded 200" in html
        assert "<script>" not in html
        assert "&lt;script&gt;" in html
        assert "<b>" not in html

    def test_an_unknown_path_is_json_too(self, world):
        """404."""
        with pytest.raises(HTTPError) as refused:
            world.control("GET", "/control/nothing")

        assert refused.value.code == 404


class TestReset:
    """POST /control/reset."""

    def test_everything_is_as_at_the_start(self, world):
        """Tasks, names, attempts, faults and further queues are gone."""
        world.create("one")
        world.settle()
        world.create("two", schedule_time=world.in_s(5))
        world.client.create_queue(parent=LOCATION, queue={"name": f"{QUEUE}2"})
        world.client.pause_queue(name=QUEUE)
        world.control("POST", "/control/faults", {"kind": "drop"})

        world.control("POST", "/control/reset")
        world.create("one")
        world.settle()

        assert world.receiver.tasks == ["one", "one"]
        assert world.outcomes() == ["succeeded"]
        assert [queue.name for queue in world.client.list_queues(parent=LOCATION)] == [QUEUE]

    def test_a_page_of_another_site_may_not_ask_for_it(self, world):
        """A browser says where a request comes from."""
        request = Request(
            f"{world.tasks.control_url}/control/reset",
            headers={"Origin": "https://evil.test"},
            method="POST",
        )
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=60)

        assert refused.value.code == 403
