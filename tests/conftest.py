"""What all tests share: one Emulator Suite a session, started when the first test asks for it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

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
    "faults",
    "functions",
    "hostile",
    "local",
    "observability",
    "openapi",
    "permissions",
    "rules",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` is what `make fuzz` and `make soak` say: for minutes and hours, not seconds."""
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


class ByFolder(LoadScopeScheduling):
    """
    Keeps together what shares something that is started once a session, or counted in one.

    Two workers run such folders beside each other, and of the others file by file. The groups of
    pytest-xdist's own `loadgroup` do nothing since pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in WHOLE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    """What `-n` distributes the tests by."""
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Begin with what takes longest for its number of tests, so that nobody waits for it alone.

    Raises:
        UsageError: some tests have one id. pytest-xdist runs one of them, and says nothing.
    """
    items.sort(key=lambda item: item.path.parent.name != "clients")
    times = Counter(item.nodeid for item in items)
    if doubled := [each for each, count in times.items() if count > 1]:
        raise pytest.UsageError(f"Several tests have one id: {', '.join(doubled[:5])}")
