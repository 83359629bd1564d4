"""A service in real time, to which schedulers are started as processes of their own."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.kit.clock import SystemClock
from local.cloudtasks import CloudTasksStandIn
from local.fcm import FcmStandIn
from local.suite import EmulatorSuite
from tests.api.conftest import serving, settings_of
from tests.api.world import World
from tests.faults.herd import Herd

TTL_S = 2.0


@pytest.fixture
def world(suite: EmulatorSuite, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The whole service, whose clock is the machine's, and whose chains of timers are ours."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
    project_id = f"demo-{secrets.token_hex(6)}"
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    with FcmStandIn() as fcm, CloudTasksStandIn(queues=[queue]) as tasks:
        settings = replace(settings_of(suite, project_id, tasks, fcm), repair_grace_s=1.0)
        with serving(settings, SystemClock()) as (services, url):
            world = World(services, url, SystemClock(), tasks, fcm)
            world.wait_until_ready()
            yield world


@pytest.fixture
def herd(world: World, suite: EmulatorSuite, tmp_path: Path) -> Iterator[Herd]:
    """Schedulers of that service; none runs yet."""
    with Herd(world, suite, tmp_path, ttl_s=TTL_S) as herd:
        yield herd
