"""One service for all tests of its description."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from schemathesis.pytest.plugin import SchemathesisFunction

from backend.commands.describe import OPENAPI_PATH
from local.suite import EmulatorSuite
from tests.openapi.service import Service, serving


@pytest.fixture(scope="session")
def service(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as a process, with /docs and /redoc."""
    with serving(suite, tmp_path_factory.mktemp("service"), API_DOCS="true") as service:
        yield service


@pytest.fixture(scope="session")
def document(service: Service) -> dict[str, Any]:
    """The description that the service serves."""
    return requests.get(f"{service.url}/openapi.json", timeout=60).json()


def committed() -> dict[str, Any]:
    """The description in the repository, from which tests are named before anything runs."""
    return json.loads(Path(OPENAPI_PATH).read_text())


def pytest_itemcollected(item: pytest.Item) -> None:
    """
    Put the operation into the id of a test that Schemathesis has made of it.

    pytest 9.2 takes ids from functions and their parameters, and names no longer count: all
    operations had one id.
    """
    if isinstance(item, SchemathesisFunction):
        item._id = item.id.with_params(item.operation_label)
