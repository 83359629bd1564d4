"""`make demo` and its sharper form on a real stack: every promise is kept, or it says which."""

import os
import subprocess
import sys

import pytest

from local.demo.__main__ import show
from local.folders import ROOT
from local.node import find_node
from local.ports import free_ports
from local.running import RunningStack


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is no stopwatch: `make demo` alone holds the app to its one second."""
    monkeypatch.setenv("DEMO_PATIENCE", "10")


def test_the_main_job_is_done_on_real_input(stack: RunningStack):
    """From one person's direct write to another person's phone, and everything around it."""
    assert 0 == show(stack, ["tour.mjs"])


@pytest.mark.parametrize(
    "programs",
    [
        ["api"],
        ["cloudtasks"],
        # What the worker's doorbells no longer said, the next holder of the lease must find.
        ["scheduler", "functions"],
    ],
    ids="+".join,
)
def test_nothing_is_lost_when_programs_are_killed(stack: RunningStack, programs: list[str]):
    """SIGKILL in the middle of 20 pushes: each arrives, and each is shown once."""
    assert 0 == show(stack, ["burst.mjs", *programs])


def test_a_miss_is_one_sentence_and_exit_code_1(stack: RunningStack):
    """Whoever reads the end of the output knows what was not as promised."""
    [nobody] = free_ports(1)
    environment = os.environ | dict(stack.environment) | {"LOCAL_API_PORT": str(nobody)}

    ended = subprocess.run(
        [str(find_node()), "local/demo/tour.mjs"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert 1 == ended.returncode
    [sentence] = ended.stderr.strip().splitlines()
    assert sentence.startswith("The demo failed: ")
    assert f"The API does not answer at http://127.0.0.1:{nobody}" in sentence


def test_the_demo_takes_no_other_program():
    """A misspelt name is refused before anything starts."""
    ended = subprocess.run(
        [sys.executable, "-m", "local.demo", "--kill", "nobody"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert 2 == ended.returncode
    assert "nobody" in ended.stderr
