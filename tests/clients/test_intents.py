"""An app in a tunnel writes commands down; real doorbells ring once it is out, on a whole stack."""

import re
from pathlib import Path

import pytest

from local.running import RunningStack
from tests.clients.programs import findings


@pytest.fixture(scope="module")
def found(stack: RunningStack):
    """What became of three commands, and of the undoing of one."""
    return findings(
        "intents.mjs",
        environment=dict(stack.environment),
        project=stack.project_id,
        firestore=f"127.0.0.1:{stack.ports['firestore']}",
    )


def test_the_app_shows_what_waits(found):
    """Before anything has reached the server."""
    assert ["pending"] * 3 == found["offline"]


def test_each_was_done(found):
    """The edit by its base, the archive, and the undo of that by the token of its answer."""
    assert "Out of the tunnel" == found["title"]


def test_a_refusal_says_why(found):
    """As the API would have."""
    assert ["not-found", []] == found["refusal"]


def test_nobody_answers_but_the_server(found):
    """Neither the person themselves, nor can another ask in their name."""
    assert ["permission-denied"] * 2 == [found["answering"], found["forging"]]


def test_it_was_the_doorbells_that_rang(found, stack: RunningStack):
    """The sweep asks later, and for intents that have waited for a while."""
    lines = "".join(path.read_text() for path in Path(stack.logs).glob("*api*"))

    assert "runIntent" in set(re.findall(r'"job": ?"(\w+)"', lines))
