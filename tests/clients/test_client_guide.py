"""docs/client.md is true: every block of code in it runs, in order, against a real stack."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.folders import LOCAL, ROOT
from local.node import find_node
from local.running import RunningStack

GUIDE = ROOT / "docs" / "client.md"
# The SDK's verdict when a busy emulator leaves it waiting: no fault of the guide.
TAKES_ITSELF_TO_BE_OFFLINE = "code: 'unavailable'"
RUNS = 3
EXTRACTOR = Path(__file__).with_name("guide.mjs")


@pytest.fixture
def program(stack: RunningStack) -> Iterator[Path]:
    """The guide's code as one program for this stack, inside the project: it needs the SDK."""
    ports = stack.ports
    replaced = {
        '"demo-taskflow"': f'"{stack.project_id}"',
        "http://127.0.0.1:9099": stack.urls["auth"],
        '"127.0.0.1", 8080': f'"127.0.0.1", {ports["firestore"]}',
        "http://127.0.0.1:8000": stack.urls["api"],
        "http://127.0.0.1:8126": stack.urls["mail"],
    }
    path = LOCAL / f"guide-{stack.project_id}.mjs"
    path.parent.mkdir(exist_ok=True)
    command = [str(find_node()), str(EXTRACTOR), str(GUIDE), str(path), json.dumps(replaced)]
    subprocess.run(command, check=True, timeout=30)
    yield path
    path.unlink()


def test_every_block_of_the_guide_runs(program: Path):
    """An app that is written as the guide says works: against rules, API and listeners."""
    for _ in range(RUNS):
        ended = subprocess.run(
            [str(find_node()), str(program)],
            cwd=ROOT,
            env=os.environ | {"NODE_NO_WARNINGS": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        if TAKES_ITSELF_TO_BE_OFFLINE not in ended.stderr:
            break

    assert 0 == ended.returncode, ended.stderr
    assert "" == ended.stderr


def test_every_fence_of_javascript_is_executed():
    """A block under another name would be read by people and run by nobody."""
    fences = re.findall(r"^```(\S+)$", GUIDE.read_text(), flags=re.MULTILINE)

    assert {"js"} == set(fences)
