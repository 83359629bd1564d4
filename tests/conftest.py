"""What all tests share: one Emulator Suite a session, started when the first test asks for it."""

from collections.abc import Iterator

import pytest

from local.emulator_jar import wrapped_jar
from local.folders import EMULATORS
from local.private_suite import private_suite
from local.problems import Problem
from local.suite import EmulatorSuite

PROJECT_ID = "demo-taskflow-tests"


@pytest.fixture(scope="session")
def suite() -> Iterator[EmulatorSuite]:
    """
    Auth and Firestore emulators on free ports.

    Tests that need the Firestore emulator's jar are skipped where it cannot be found. Each test
    uses a project id of its own, so nothing is cleaned up between them.
    """
    try:
        wrapped_jar(EMULATORS)
    except Problem as problem:
        pytest.skip(str(problem))
    with private_suite(PROJECT_ID) as suite:
        yield suite
