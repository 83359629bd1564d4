"""What all tests share: one Emulator Suite a session, started when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator_jar import wrapped_jar
from local.folders import EMULATORS
from local.private_suite import private_suite
from local.problems import Problem
from local.suite import EmulatorSuite
from tests.redis_server import NONE_HERE, RedisServer, redis_program

PROJECT_ID = "demo-taskflow-tests"
TESTS = Path(__file__).parent
WHOLE = {
    "clients",
    "functions",
    "hostile",
    "local",
    "observability",
    "openapi",
    "permissions",
    "rules",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` is what `make fuzz` says: search for hours, not seconds."""
    parser.addoption("--long", action="store_true", help="let searching tests take their time")


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
    with private_suite(PROJECT_ID, rules=TESTS / "closed.rules") as suite:
        yield suite


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """An empty Redis of the test's own, as a real process. Skipped where there is no program."""
    program = redis_program()
    if program is None:
        pytest.skip(NONE_HERE)
    server = RedisServer(program, tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Keep together what shares something that is started once a session, or counted in one.

    Two workers then run folders beside each other, and of the others file by file.
    """
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        name = folder if folder in WHOLE else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))
