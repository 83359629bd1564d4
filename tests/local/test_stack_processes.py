"""Processes of a stack: started, watched, started again, and all of them ended."""

import itertools
import os
import secrets
import signal
import subprocess
import sys
import time

import pytest

from local.child import Child
from local.environment import child_environment
from local.folders import ROOT
from local.health import answers_http, wait_until
from local.marked import end_marked, marked_processes
from local.ports import free_ports
from local.services import Service
from local.supervisor import Supervised

# A program that starts another one in a session of its own, as firebase-tools does with Java.
WITH_DETACHED = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("started", flush=True)
time.sleep(600)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("started", flush=True)
time.sleep(600)
"""
# What `python -m local` is to its children: it holds a guardian, and may be killed.
SUPERVISING = """
import pathlib, sys, time
from local.child import Child
from local.environment import child_environment
from local.guardian import Guardian
mark, log, program = sys.argv[1:]
with Guardian(mark):
    command = [sys.executable, "-c", program]
    Child("a", command, cwd=pathlib.Path.cwd(), env=child_environment(mark), log=pathlib.Path(log))
    time.sleep(600)
"""


@pytest.fixture
def mark():
    """A mark of this test alone; nobody who carries it survives the test."""
    mark = f"test-{secrets.token_hex(6)}"
    yield mark
    end_marked(mark)


@pytest.fixture
def child(mark, tmp_path):
    """Start a Python program as a child, and wait until it says that it has started."""

    def child(program):
        started = Child(
            "program",
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=child_environment(mark),
            log=tmp_path / "child.log",
        )
        assert wait_until(lambda: "started" in started.output(), within_s=60)
        return started

    return child


class TestChild:
    """One program and all that it started."""

    def test_its_detached_children_end_with_it(self, child, mark):
        """No signal to its group would reach them."""
        program = child(WITH_DETACHED)
        assert 2 == len(marked_processes(mark))

        program.stop(within_s=60)

        assert [] == marked_processes(mark)

    def test_its_detached_children_end_although_it_was_killed(self, child, mark):
        """After `kill -9` they no longer point to their parent."""
        program = child(WITH_DETACHED)
        program.send(signal.SIGKILL)
        assert wait_until(lambda: not program.is_running, within_s=60)

        program.kill()

        assert "killed by signal 9" == program.ending
        assert [] == marked_processes(mark)

    def test_one_that_does_not_listen_is_killed_in_time(self, child, mark):
        """A stop takes no longer than allowed."""
        program = child(DEAF)
        started_at = time.monotonic()

        ended_by_itself = program.stop(within_s=0.5)

        assert not ended_by_itself
        assert 30 > time.monotonic() - started_at
        assert [] == marked_processes(mark)

    def test_a_mark_covers_its_parts_and_nothing_else(self, tmp_path, mark):
        """`3f9a` ends `3f9a.api`, and never `3f9ab`."""

        def start(its_mark):
            return Child(
                "sleep",
                ["sleep", "600"],
                cwd=ROOT,
                env=child_environment(its_mark),
                log=tmp_path / "log",
            )

        part, stranger = start(f"{mark}.api"), start(f"{mark}b")

        assert [part.pid] == marked_processes(mark)
        assert 1 == end_marked(f"{mark}.api")
        assert stranger.is_running
        stranger.kill()


class TestGuardian:
    """Nobody stays behind, whatever ends the program that started them."""

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_the_end_of_the_starting_program_ends_its_children(self, mark, tmp_path, number):
        """Also by `kill -9`, which it cannot notice."""
        log = tmp_path / "log"
        program = subprocess.Popen(
            [sys.executable, "-c", SUPERVISING, mark, str(log), WITH_DETACHED], cwd=ROOT
        )
        assert wait_until(lambda: log.exists() and "started" in log.read_text(), within_s=60)
        assert 2 == len(marked_processes(mark))

        os.kill(program.pid, number)
        program.wait()

        assert wait_until(lambda: not marked_processes(mark), within_s=60)


class TestSupervised:
    """A program that is started again."""

    @pytest.fixture
    def server(self, mark, tmp_path):
        """A web server under supervision."""
        port = free_ports(1)[0]
        command = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
        service = Service("API", command, lambda _: answers_http(port))
        server = Supervised(service, mark=mark, env={}, logs=tmp_path)
        assert wait_until(server.is_ready, within_s=60)
        return server

    def test_a_killed_program_is_started_again_and_it_says_so_once(self, server):
        """One line, in plain words."""
        said = []
        first = server.child.pid
        server.child.send(signal.SIGKILL)
        assert wait_until(lambda: not server.child.is_running, within_s=60)

        def is_back():
            server.keep_running(said.append)
            return server.is_ready()

        assert wait_until(is_back, within_s=60)
        assert first != server.child.pid
        assert ["API stopped (killed by signal 9); starting it again."] == said

    def test_pauses_grow_while_it_keeps_ending(self, mark, tmp_path):
        """A program that cannot run does not keep the machine busy."""
        command = (sys.executable, "-c", "raise SystemExit(3)")
        broken = Supervised(
            Service("API", command, lambda _: True), mark=mark, env={}, logs=tmp_path
        )
        at = []

        def ended_four_times():
            broken.keep_running(lambda _: at.append(time.monotonic()))
            return len(at) == 4

        assert wait_until(ended_four_times, within_s=60)
        pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
        assert pauses == sorted(pauses)
        assert 0.8 < pauses[-1]

    def test_what_it_said_last_is_told_when_it_cannot_start(self, mark, tmp_path):
        """With the log file, for the rest."""
        command = (sys.executable, "-c", "print('no such setting'); raise SystemExit(2)")
        broken = Supervised(
            Service("API", command, lambda _: True), mark=mark, env={}, logs=tmp_path
        )
        assert wait_until(broken.has_failed, within_s=60)

        told = str(broken.failure())

        assert "API ended while starting (exit code 2)" in told
        assert "no such setting" in told
        assert str(tmp_path / "api.log") in told
