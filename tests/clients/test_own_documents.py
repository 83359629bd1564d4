"""An app writes its person's own documents itself; real doorbells ring, on a whole stack."""

import re
from pathlib import Path

import pytest

from local.running import RunningStack
from tests.clients.programs import findings


@pytest.fixture(scope="module")
def found(stack: RunningStack):
    """What became of a name, two devices, and the marks of a notification."""
    return findings(
        "own.mjs",
        environment=dict(stack.environment),
        project=stack.project_id,
        firestore=f"127.0.0.1:{stack.ports['firestore']}",
    )


def test_a_name_reaches_the_membership(found):
    """As the members of a workspace see it, in their listeners."""
    assert "Ada L." == found["name"]


def test_the_second_device_is_announced(found):
    """The first was nothing new to anybody."""
    assert ["security", "New device on your account: web browser"] == found["notice"]


def test_the_badge_follows_every_mark(found):
    """Read, unread again, and deleted by the server."""
    assert [0, 1, 0] == found["counts"]


def test_signing_out_everywhere_forgets_the_devices(found):
    """Their listener shows it."""
    assert [2, 0] == found["devices"]


def test_it_was_the_doorbells_that_rang(found, stack: RunningStack):
    """A sweep would have found all of it, later; it asks for no jobs."""
    lines = "".join(path.read_text() for path in Path(stack.logs).glob("*api*"))
    jobs = set(re.findall(r'"job": ?"(\w+)"', lines))

    assert {"reactAccount", "reactDevice", "reactInbox"} <= jobs
