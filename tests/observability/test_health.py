"""What a platform asks: are you alive, can you work, are you going."""

import http.client
import threading

import pytest
import requests

from backend.kit.errors import Unavailable
from backend.web.readiness import Pings, Readiness
from tests.clock import VirtualClock
from tests.observability.conftest import NOBODY_THERE, Serve, Served


class TestProcess:
    """`/livez`, `/healthz` and `/readyz` of a real server."""

    def test_it_is_alive_and_ready(self, served: Served):
        """Under both names of the first: Cloud Run may keep `/healthz` for itself."""
        served.process.wait_until_answers(f"{served.url}/readyz")
        answers = [
            requests.get(f"{served.url}/{name}", timeout=60)
            for name in ("livez", "healthz", "readyz")
        ]

        assert [200, 200, 200] == [answer.status_code for answer in answers]
        checks = {"firestore": "ok", "jobs": "ok", "cache": "ok", "counters": "ok"}
        assert {"status": "ok", "checks": checks} == answers[2].json()

    def test_what_does_not_answer_is_named(self, serve: Serve):
        """Being alive does not depend on it."""
        served = serve(FIRESTORE_EMULATOR_HOST=NOBODY_THERE)

        answer = requests.get(f"{served.url}/readyz", timeout=60)

        assert (503, "unavailable") == (answer.status_code, answer.json()["code"])
        assert "No answer from: firestore." == answer.json()["detail"]
        assert int(answer.headers["Retry-After"]) > 0
        assert 200 == requests.get(f"{served.url}/livez", timeout=60).status_code

    def test_without_what_merely_helps_it_is_degraded(self, serve: Serve):
        """Work goes on without a shared cache."""
        served = serve(CACHE_URL=f"redis://{NOBODY_THERE}/0")
        served.process.wait_until_answers(f"{served.url}/readyz")

        answer = requests.get(f"{served.url}/readyz", timeout=60)

        assert "degraded" == answer.json()["status"]
        assert "silent" == answer.json()["checks"]["cache"]

    def test_a_process_that_is_asked_to_stop_says_so(self, serve: Serve):
        """On connections that are open already; new ones are not taken."""
        served = serve()
        host = served.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=60)
        assert 200 == _ask(connection).status
        served.process.terminate()
        answer = _ask(connection)
        while answer.status == 200:  # The signal passes through gunicorn's master to its worker.
            answer = _ask(connection)

        assert 503 == answer.status
        assert "draining" in answer.said
        while answer.headers["Connection"] != "close":  # Until the server's own handler has run.
            answer = _ask(connection)
            assert 503 == answer.status
        assert 0 == served.process.ended()


class TestPings:
    """`Pings`"""

    @pytest.fixture
    def clock(self) -> VirtualClock:
        return VirtualClock()

    def test_what_is_needed_decides(self, clock: VirtualClock):
        """What helps is told."""
        cases = [(_well, _well), (_well, _silent), (_silent, _well)]

        asked = [
            Pings(clock, needed={"a": needed}, helpful={"b": helpful}).ask()
            for needed, helpful in cases
        ]

        assert [True, True, False] == [one.is_ready for one in asked]
        assert [[], ["b"], ["a"]] == [one.silent for one in asked]

    def test_many_probes_ask_once(self, clock: VirtualClock):
        """Whoever asks while the world is being asked gets the same answer."""
        asked: list[int] = []
        pings = Pings(clock, needed={"a": lambda: asked.append(1)}, helpful={})

        found: list[Readiness] = []
        threads = [threading.Thread(target=lambda: found.append(pings.ask())) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert 20 == len(found)
        assert len(asked) < 20

    def test_one_that_hangs_is_silent_and_is_not_asked_twice(self, clock: VirtualClock):
        """A thread for each probe would be the end of the process."""
        released, asked = threading.Event(), []

        def hang() -> None:
            asked.append(1)
            released.wait(60)

        pings = Pings(clock, needed={"a": hang}, helpful={"b": _well}, deadline_s=0.05)
        said = []
        for _ in range(3):
            said.append(pings.ask().needed["a"])
            clock.move_to(clock.now().replace(year=clock.now().year + 1))
        released.set()

        assert ["silent"] * 3 == said
        assert 1 == len(asked)

    def test_a_bug_in_a_ping_is_not_silence(self, clock: VirtualClock):
        """It is to be mended, not waited for."""
        pings = Pings(clock, needed={"a": lambda: int("x")}, helpful={})

        with pytest.raises(ValueError, match="invalid literal"):
            pings.ask()


def _well() -> None:
    pass


def _silent() -> None:
    raise Unavailable("No answer.")


def _ask(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    answer.said = answer.read().decode()
    return answer
