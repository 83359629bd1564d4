"""People whose membership ends while their app listens: API, timers, listeners, a whole stack."""

import pytest

from local.running import RunningStack
from tests.clients.programs import findings

REFUSED = ["permission-denied", "permission-denied"]


@pytest.fixture(scope="module")
def found(stack: RunningStack):
    """What the listeners of three people of a team came to."""
    return findings(
        "leaving.mjs",
        environment=dict(stack.environment),
        project=stack.project_id,
        firestore=f"127.0.0.1:{stack.ports['firestore']}",
    )


def test_whoever_is_removed_sees_nothing_more(found):
    """From the answer of the API on; and their app is told so by its listeners."""
    assert {"ended": REFUSED, "saw": ["before"]} == found["ada"]


def test_whose_time_is_over_sees_nothing_more(found):
    """The timer takes the membership away at its date, though nobody calls."""
    assert {"ended": REFUSED, "saw": ["before", "after Ada"]} == found["bea"]


def test_whoever_stays_sees_all(found):
    """Else the others would prove nothing."""
    assert {"ended": [None, None], "saw": ["before", "after Ada", "after Bea"]} == found["olga"]
