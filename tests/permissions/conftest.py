"""The rules in force, and one person of every kind under them."""

import pytest

from tests.rules.conftest import rules, rules_text
from tests.rules.world import seed_world

__all__ = ["rules", "rules_text", "rules_world"]


@pytest.fixture(scope="module")
def rules_world(rules):
    """A workspace with one person of every kind, under the rules alone."""
    return seed_world(rules)
