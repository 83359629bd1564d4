"""`python -m local`, the real thing: started, used, killed in parts, stopped, started again."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
import requests

from local.emulator_jar import NOT_FOUND
from local.health import answers_http, wait_until
from local.jar_download import is_jar_here
from local.marked import marked_processes
from local.ready import example_call
from tests.local.stack_program import (
    document_url,
    pids_of,
    program,
    settings_in,
    sign_in,
    sign_up,
    who_am_i,
)

OWNER = {"Authorization": "Bearer owner"}  # The emulator lets this one past the rules.
DOCUMENT = {"fields": {"kept": {"stringValue": "yes"}}}
EMAIL = "ann@example.com"


@pytest.fixture
def settings(tmp_path):
    """A stack of this test alone."""
    if not is_jar_here():
        pytest.skip(NOT_FOUND)
    return settings_in(tmp_path / "data")


class TestLocalStack:
    """What the README promises of `make run`, on two starts, because each costs a while."""

    @pytest.mark.timeout(300)
    def test_it_lives_through_kills_and_keeps_its_data(self, settings):
        """
        The printed call works, and a command. A killed API comes back. SIGTERM saves, and nobody
        is left.

        A second start finds the data. A killed Suite, whose data is in memory, ends the stack.
        """
        with program(settings) as first:
            stack = first.wait_ready()
            assert '"displayName"' in output_of(example_call(settings))
            uid = sign_up(stack, EMAIL)
            write(stack, "things/one")
            kill_and_await_return(stack, "api")
            assert 200 == who_am_i(stack, sign_in(stack, EMAIL)["idToken"]).status_code
            assert f"{uid} is admin" in commanded(settings, "appoint", uid, "admin")

            code, said, took_s = first.stop(signal.SIGTERM)

        assert (0, []) == (code, marked_processes(stack.mark)), said
        assert "API stopped (killed by signal 9); starting it again." in said
        assert not (settings.data_dir / "stack.json").exists()
        assert 15 > took_s  # Ten on a machine that does nothing else.

        with program(settings) as second:
            stack = second.wait_ready()
            assert uid == sign_in(stack, EMAIL)["localId"]
            assert DOCUMENT["fields"] == read(stack, "things/one")["fields"]
            kill("suite", stack)

            code, said = second.wait()

        assert (2, []) == (code, marked_processes(stack.mark)), said
        assert "The Firebase Emulator Suite stopped (killed by signal 9), and with it" in said
        assert "Traceback" not in said
        assert "No stack is running: `make run` starts one.\n" == commanded(settings, "--help")


def commanded(settings, *words):
    """What a command of the backend says, run on the stack of these settings."""
    environment = os.environ | settings.as_environment()
    command = [sys.executable, "-m", "local.cli", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def output_of(command):
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    return done.stdout


def write(stack, path):
    url = document_url(stack, path)
    requests.patch(url, json=DOCUMENT, headers=OWNER, timeout=20).raise_for_status()


def read(stack, path):
    return requests.get(document_url(stack, path), headers=OWNER, timeout=20).json()


def kill_and_await_return(stack, part):
    before = kill(part, stack)

    def is_back():
        now = set(pids_of(stack, part))
        return now and not before & now and answers_http(stack.ports[part], "/healthz")

    assert wait_until(is_back, within_s=60)


def kill(part, stack):
    pids = set(pids_of(stack, part))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # Its parent's end may have been its own.
            os.kill(pid, signal.SIGKILL)
    return pids
