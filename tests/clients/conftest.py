"""A whole stack for the tests that play an app: free ports, its own project and data."""

from collections.abc import Iterator

import pytest

from local.emulator_jar import wrapped_jar
from local.folders import EMULATORS
from local.problems import Problem
from local.running import RunningStack, own_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """Everything `make run` starts, for the length of the session."""
    try:
        wrapped_jar(EMULATORS)
    except Problem as problem:
        pytest.skip(str(problem))
    with own_stack() as stack:
        yield stack
