"""Many requests over a few HTTP/2 connections, and what becomes of them when those break."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.adapters import push_loop
from backend.adapters.push_loop import CONNECTIONS, NOT_SENT, TIMED_OUT, UNANSWERED, Answer
from backend.adapters.push_wire import Wire
from tests.pushing.http2_server import Fate, Http2Server, Reply

BEARER = "Bearer owner"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Http2Server]:
    """A server that accepts whatever comes."""
    with Http2Server(tmp_path) as server:
        yield server


def wire_to(server: Http2Server, **options) -> Wire:
    """A wire to the server, which nothing holds."""
    settings = {"on_answer": lambda _: None, "is_held": lambda: False, **options}
    return Wire(server.url, ca_file=server.ca_file, **settings)


def wait_until(is_so: Callable[[], bool], patience_s: float = 20) -> None:
    """Wait for a condition; raise TimeoutError if it does not come true."""
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def bodies(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def failures(answers: list[Answer]) -> Counter[str]:
    return Counter(answer.failure for answer in answers)


class TestManyAtOnce:
    """One thread speaks for all."""

    def test_answers_come_in_the_order_of_the_requests(self, server: Http2Server):
        """Whichever was faster: each is the echo of its own request."""
        server.reply = lambda got: Reply(body=got.body, after_s=0.02 if int(got.body) % 3 else 0.0)
        wanted = bodies(1500)

        answers = wire_to(server).post_all(BEARER, wanted)

        assert wanted == [answer.body for answer in answers]

    def test_a_few_connections_carry_them(self, server: Http2Server):
        """However many there are, and each request goes out once."""
        server.reply = lambda _: Reply(after_s=0.05)

        wire_to(server).post_all(BEARER, bodies(2000))

        assert server.connections in range(2, CONNECTIONS + 1)
        assert {1} == set(Counter(got.body for got in server.received).values())

    def test_connections_last(self, server: Http2Server):
        """What comes later needs no new one."""
        wire = wire_to(server)

        for _ in range(20):
            wire.post_all(BEARER, bodies(3))

        assert (60, 1) == (len(server.received), server.connections)

    def test_threads_share_them(self, server: Http2Server):
        """Each gets its own answers."""
        wire, found = wire_to(server), {}

        def send(name: int) -> None:
            own = [f"{name}-{number}".encode() for number in range(20)]
            found[name] = [answer.body for answer in wire.post_all(BEARER, own)] == own

        server.reply = lambda got: Reply(body=got.body)
        threads = [threading.Thread(target=send, args=(name,)) for name in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert dict.fromkeys(range(16), True) == found
        assert server.connections <= CONNECTIONS

    def test_nothing_asked_is_nothing_sent(self, server: Http2Server):
        """An empty batch is answered without a connection."""
        assert [] == wire_to(server).post_all(BEARER, [])
        assert 0 == server.connections


class TestTrouble:
    """What has perhaps arrived is never sent again by itself."""

    def test_a_cut_connection_loses_what_was_on_it_and_no_more(self, server: Http2Server):
        """Half a batch: the one half is accepted, of the other nobody knows; none went twice."""
        server.reply = lambda got: Reply(
            Fate.CUT if got.body == b"60" else Fate.ANSWERED,
            after_s=0.2 if int(got.body) > 40 else 0,
        )

        answers = wire_to(server).post_all(BEARER, bodies(80))

        assert [200] * 41 == [answer.status for answer in answers[:41]]
        assert {"", UNANSWERED} >= set(failures(answers))
        assert UNANSWERED == answers[60].failure
        assert {1} == set(Counter(got.body for got in server.received).values())

    def test_a_lasting_connection_that_breaks_is_not_tried_again(self, server: Http2Server):
        """libcurl would do so by itself, and push twice."""
        wire = wire_to(server)
        wire.post_all(BEARER, [b"before"])
        server.reply = lambda _: Reply(Fate.CUT)

        (answer,) = wire.post_all(BEARER, [b"lost"])

        assert (0, UNANSWERED) == (answer.status, answer.failure)
        assert [b"before", b"lost"] == [got.body for got in server.received]

    def test_a_new_connection_takes_the_place_of_a_broken_one(self, server: Http2Server):
        """Within a second or so, which is how often libcurl looks; a timer comes back later."""
        wire = wire_to(server)
        server.reply = lambda _: Reply(Fate.CUT)
        wire.post_all(BEARER, [b"lost"])
        server.reply = lambda _: Reply()

        wait_until(lambda: wire.post_all(BEARER, [b"again"])[0].status == 200)

        assert 2 == server.connections

    def test_a_connection_that_says_good_bye_is_left(self, server: Http2Server):
        """GOAWAY, as Google's front sends it now and then, loses nothing."""
        wire = wire_to(server)
        server.reply = lambda _: Reply(Fate.LAST)

        statuses = [wire.post_all(BEARER, [b"x"])[0].status for _ in range(3)]

        assert [200, 200, 200] == statuses
        assert (3, 3) == (server.connections, len(server.received))

    def test_a_refused_stream_is_no_answer(self, server: Http2Server):
        """It may be asked again, by whoever decides."""
        server.reply = lambda _: Reply(Fate.REFUSED)

        (answer,) = wire_to(server).post_all(BEARER, [b"x"])

        assert (0, UNANSWERED) == (answer.status, answer.failure)

    def test_one_slow_answer_keeps_nobody_waiting_for_ever(self, server: Http2Server):
        """Only that request ends without one."""
        server.reply = lambda got: Reply(Fate.NEVER if got.body == b"3" else Fate.ANSWERED)

        answers = wire_to(server, timeout_ms=300).post_all(BEARER, bodies(6))

        assert [200, 200, 200, 0, 200, 200] == [answer.status for answer in answers]
        assert TIMED_OUT == answers[3].failure

    def test_a_connection_that_has_gone_silent_is_left(self, server: Http2Server):
        """As when something on the way forgets it: what follows does not wait on it for an hour."""
        server.reply = lambda got: Reply(Fate.ANSWERED if got.connection else Fate.NEVER)
        wire = wire_to(server, timeout_ms=300)

        lost = failures(wire.post_all(BEARER, bodies(3)))
        wait_until(lambda: wire.post_all(BEARER, [b"later"])[0].status == 200)

        assert (Counter({TIMED_OUT: 3}), 2) == (lost, server.connections)

    def test_nobody_there_is_known_at_once(self, server: Http2Server):
        """Nothing went out, so nothing was lost."""
        wire = Wire(
            "https://localhost:1/",
            ca_file=server.ca_file,
            on_answer=lambda _: None,
            is_held=lambda: False,
        )

        assert Counter(UNREACHABLE=3) == failures(wire.post_all(BEARER, bodies(3)))

    def test_a_stranger_is_not_spoken_to(self, server: Http2Server, tmp_path: Path):
        """Its certificate is checked before anything is sent: tokens are secrets."""
        with Http2Server(_folder(tmp_path)) as other:
            wire = Wire(
                server.url,
                ca_file=other.ca_file,
                on_answer=lambda _: None,
                is_held=lambda: False,
            )
            found = failures(wire.post_all(BEARER, [b"secret"]))

        assert Counter(UNREACHABLE=1) == found
        assert [] == server.received

    def test_an_endless_answer_is_cut_off(self, server: Http2Server):
        """It is no answer of FCM's: by its length, or, from a server that is slow, by its time."""
        server.reply = lambda _: Reply(body=b"x" * 200_000)

        (answer,) = wire_to(server).post_all(BEARER, [b"x"])

        assert answer.status == 0
        assert answer.failure in (UNANSWERED, TIMED_OUT)

    def test_what_breaks_in_the_thread_ends_nobodys_wait(self, server: Http2Server):
        """What was under way is unknown, and the next call begins anew."""
        broken = ["once"]

        def break_down(_: Answer) -> None:
            if broken:
                raise ValueError(broken.pop())

        server.reply = lambda got: Reply(after_s=0.1 * int(got.body))
        wire = wire_to(server, on_answer=break_down)

        first = wire.post_all(BEARER, bodies(3))
        second = wire.post_all(BEARER, bodies(3))

        assert [200, 0, 0] == [answer.status for answer in first]
        assert [200, 200, 200] == [answer.status for answer in second]


class TestHeldBack:
    """Who must wait is told so, and does not wait here."""

    def test_what_has_not_gone_out_stays(self, server: Http2Server):
        """The moment that an answer asks for it."""
        held = threading.Event()
        server.reply = lambda _: Reply(after_s=0.05)
        wire = wire_to(server, on_answer=lambda _: held.set(), is_held=held.is_set)

        answers = wire.post_all(BEARER, bodies(3000))

        assert {"", NOT_SENT} == set(failures(answers))
        assert failures(answers)[""] == len(server.received)
        assert len(server.received) < 3000


class TestProcesses:
    """A client that is forked, or has nothing to do."""

    def test_a_child_has_connections_of_its_own(self, server: Http2Server):
        """And leaves those of its parent as they are, at its end too."""
        program = subprocess.run(
            [sys.executable, "-c", FORKING, server.url, server.ca_file],
            capture_output=True,
            check=False,
            text=True,
            timeout=30,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

        assert ("", "parent 200 child 200 parent 200") == (
            program.stderr,
            " ".join(program.stdout.split()),
        )
        said = [(got.body, got.connection) for got in server.received]
        assert [(b"before", 0), (b"child", 1), (b"after", 0)] == said

    def test_nothing_to_do_closes_them(self, server: Http2Server, monkeypatch: pytest.MonkeyPatch):
        """Thread and connection end; the next request begins anew."""
        monkeypatch.setattr(push_loop, "IDLE_S", 0.1)
        wire = wire_to(server)
        wire.post_all(BEARER, [b"x"])
        wait_until(lambda: server.ended == 1)

        (answer,) = wire.post_all(BEARER, [b"y"])

        assert (200, 2) == (answer.status, server.connections)


FORKING = """
import os, sys
from backend.adapters.push_wire import Wire

wire = Wire(sys.argv[1], ca_file=sys.argv[2], on_answer=lambda _: None, is_held=lambda: False)

def say(who, body):
    print(who, wire.post_all("Bearer owner", [body])[0].status, flush=True)

say("parent", b"before")
child = os.fork()
if not child:
    say("child", b"child")
    sys.exit()  # With all that an interpreter does at its end.
os.waitpid(child, 0)
say("parent", b"after")
"""


def _folder(parent: Path) -> Path:
    folder = parent / "other"
    folder.mkdir()
    return folder
