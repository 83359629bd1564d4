"""The service as a process of gunicorn, set to lose patience soon."""

from collections.abc import Iterator

import pytest

from local.suite import EmulatorSuite
from tests.openapi.service import Service, serving

THREADS = 4
ARRIVAL_TIMEOUT_S = 3
CONNECTIONS = 200


@pytest.fixture(scope="module")
def service(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, with few threads."""
    with serving(
        suite,
        tmp_path_factory.mktemp("service"),
        WEB_THREADS=str(THREADS),
        ARRIVAL_TIMEOUT_S=str(ARRIVAL_TIMEOUT_S),
        KEEPALIVE_S="1",
        GUNICORN_CMD_ARGS=f"--worker-connections {CONNECTIONS}",
    ) as service:
        yield service


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether there is time for all of it."""
    return bool(request.config.getoption("--long"))
