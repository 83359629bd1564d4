"""
One emulator project for the rules tests; each module seeds a workspace of its own in it.

Run them in one process: look-ups of rules may run into the emulator's locks otherwise.
"""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.rules.client import RulesClient
from tests.rules.world import World, seed_world

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def rules_text():
    """The rules as they stand in the repository."""
    return (ROOT / "firestore.rules").read_text()


@pytest.fixture(scope="session")
def rules(suite, rules_text):
    """A client of a project of its own, with the repository's rules in force."""
    client = RulesClient(suite.firestore_host, f"demo-rules-{uuid4().hex[:12]}")
    client.load_rules(rules_text)
    return client


@pytest.fixture(scope="module")
def world(rules) -> World:
    """A workspace with one person of every kind. Tests change only what they made themselves."""
    return seed_world(rules)
