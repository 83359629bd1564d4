"""
What a task may hold when an app writes it: every case as a create and as an update.

Attacks 40, 42, 43 and 51 of the security list.
"""

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import edit
from tests.rules.task_cases import INVALID, MISSING_DUE_KEYS, VALID

CASES = [
    *(pytest.param(changes, Verdict.ALLOWED, id=name) for name, changes in VALID.items()),
    *(
        pytest.param(changes, Verdict.DENIED, id=name)
        for name, changes in (INVALID | MISSING_DUE_KEYS).items()
    ),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
class TestTaskShape:
    """Attacks 40, 42, 43 and 51: the shape of a task, whichever verb brings it about."""

    def test_created(self, world, changes, expected):
        """The case in a new task."""
        path, task = world.new_task("member", **changes)

        assert expected == world.as_("member").create(path, task).verdict

    def test_changed(self, world, changes, expected):
        """The case in a change to a valid task."""
        task = world.store_task()

        answer = world.as_("member").update(task, edit(world.uid("member"), **changes))

        assert expected == answer.verdict
