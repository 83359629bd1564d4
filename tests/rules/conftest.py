"""
One emulator project for the rules tests; each module seeds a workspace of its own in it.

Run them in one process: look-ups of rules may run into the emulator's locks otherwise.
"""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.rules.recorder import Recorder
from tests.rules.world import World, seed_world

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LAST = ("test_rules_coverage.py", "test_rules_mutants.py")
"""They ask what all the others have shown."""


def pytest_collection_modifyitems(items):
    """Put those last that judge the others."""
    items.sort(key=lambda item: item.path.parent == HERE and item.path.name in LAST)


@pytest.fixture(scope="session")
def rules_text():
    """The rules as they stand in the repository."""
    return (ROOT / "firestore.rules").read_text()


@pytest.fixture(scope="session")
def rules(suite, rules_text):
    """A client of a project of its own, with the repository's rules in force."""
    client = Recorder(suite.firestore_host, f"demo-rules-{uuid4().hex[:12]}")
    client.load_rules(rules_text)
    return client


@pytest.fixture(scope="module")
def world(rules) -> World:
    """A workspace with one person of every kind. Tests change only what they made themselves."""
    yield seed_world(rules)
    rules.note()


@pytest.fixture
def shown(request, rules) -> Recorder:
    """All that the other modules have shown. Skipped where not all of them have run."""
    here = {item.path for item in request.session.items if item.path.parent == HERE}
    if here != set(HERE.glob("test_*.py")) or request.config.option.keyword:
        pytest.skip(
            "It judges all other tests of this folder, so it needs them to run: tests/rules"
        )
    return rules
