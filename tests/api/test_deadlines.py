"""A request ends in time, whatever the things it calls do."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from google.api_core import exceptions as gcp
from google.cloud.firestore import WriteBatch
from pytest_mock import MockerFixture

from backend.kit.deadline import deadline, left_s
from backend.kit.errors import DeadlineExceeded
from tests.api.conftest import serving
from tests.api.world import World
from tests.clock import VirtualClock

PATIENCE_S = 60  # Of the tests. The service's own is 5 s, and is read off `Server-Timing`.


class TestDeadline:
    """`kit.deadline`"""

    def test_a_call_gets_what_is_left(self):
        """And never more than it may take by itself."""
        clock = VirtualClock()
        with deadline(clock, 10):
            clock.advance(timedelta(seconds=8))

            assert 1 == left_s(clock, longest=1)
            assert 1.9 < left_s(clock, longest=5) <= 2

    def test_after_it_nothing_is_called(self):
        """The caller has gone."""
        clock = VirtualClock()
        with deadline(clock, 10):
            clock.advance(timedelta(seconds=10))

            with pytest.raises(DeadlineExceeded):
                left_s(clock, longest=1)

    def test_an_inner_one_cannot_be_longer(self):
        """A job within a request is still within it."""
        clock = VirtualClock()
        with deadline(clock, 2), deadline(clock, 100):
            assert left_s(clock, longest=50) <= 2

    def test_it_ends_with_its_block(self):
        """Threads are reused."""
        clock = VirtualClock()
        with deadline(clock, 2):
            pass

        assert 50 == left_s(clock, longest=50)


class TestSilentFirestore:
    """It takes connections and never answers."""

    def test_a_request_is_told_to_come_back(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """503 within the deadline, and with Retry-After."""
        world.sign_up("ann")
        token = world.token("ann")
        with _black_hole() as address:
            monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
            settings = replace(world.services.settings, firestore_emulator_host=address)
            with serving(settings, world.clock) as (_, url):
                answer = requests.get(
                    f"{url}/api/v1/users/me",
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=PATIENCE_S,
                )

        assert (503, "unavailable") == (answer.status_code, answer.json()["code"])
        assert int(answer.headers["Retry-After"]) >= 1
        took_ms = float(answer.headers["Server-Timing"].split("dur=")[1].split(",")[0])
        assert took_ms < 20_000  # 4 s on a machine that has nothing else to do.


class TestSlowFirestore:
    """It answers, but so late that the caller has gone."""

    def test_a_request_is_told_that_it_took_too_long(self, world: World, mocker: MockerFixture):
        """504: unlike 503, what was asked may have been done."""
        ann = world.person("Ann")

        def answers_late(*_: object, **__: object):
            world.clock.advance(timedelta(seconds=6))
            raise gcp.DeadlineExceeded("late")

        mocker.patch.object(WriteBatch, "commit", answers_late)
        answer = ann.post("/workspaces/me/tasks", {"title": "A"})

        assert (504, "deadline-exceeded") == (answer.status_code, answer.json()["code"])
        assert int(answer.headers["Retry-After"]) >= 1


@contextmanager
def _black_hole() -> Iterator[str]:
    held: list[socket.socket] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def take_all() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take_all, daemon=True).start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()
