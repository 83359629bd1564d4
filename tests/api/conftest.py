"""The real wiring over real SDKs: one project id a test, stand-ins of its own, a clock to move."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import make_server

from backend.app import create_app
from backend.bootstrap import Ports, Services, build_ports, build_services
from backend.settings import Mode, Settings
from local.cloudtasks import CloudTasksStandIn
from local.cloudtasks.identity import Identity, shared_key
from local.fcm import FcmStandIn
from local.suite import EmulatorSuite
from tests.api.world import World
from tests.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def fcm() -> Iterator[FcmStandIn]:
    with FcmStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def world(
    suite: EmulatorSuite,
    clock: VirtualClock,
    fcm: FcmStandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """The whole service on a free port, in an empty database."""
    # Both SDKs look for their emulators in the environment, and nowhere else.
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
    project_id = f"demo-{secrets.token_hex(6)}"
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    identity = Identity(shared_key(), clock)  # Its tokens are checked by the same clock.
    with CloudTasksStandIn(
        data_dir=tmp_path, clock=clock, queues=[queue], identity=identity
    ) as tasks:
        settings = settings_of(suite, project_id, tasks, fcm)
        with serving(settings, clock) as (services, url):
            world = World(services, url, clock, tasks, fcm)
            world.wait_until_ready()
            yield world


@contextmanager
def serving(
    settings: Settings,
    clock: VirtualClock,
    build: Callable[[Settings, VirtualClock], Ports] = build_ports,
) -> Iterator[tuple[Services, str]]:
    """Serve the application over real HTTP; the job queue is told its address."""
    application = None

    def late(environ, start_response):
        return application(environ, start_response)

    server = make_server("127.0.0.1", 0, late, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    settings = replace(settings, worker_url=url)
    services = build_services(settings, build(settings, clock))
    application = create_app(services)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield services, url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    """Threads for what happens at the same time."""
    with ThreadPoolExecutor(max_workers=24) as threads:
        yield threads


def settings_of(
    suite: EmulatorSuite, project_id: str, tasks: CloudTasksStandIn, fcm: FcmStandIn
) -> Settings:
    """What a world's service is set to."""
    return Settings(
        mode=Mode.DEVELOPMENT,
        project_id=project_id,
        firestore_emulator_host=suite.firestore_host,
        auth_emulator_host=suite.auth_host,
        jobs_emulator_host=tasks.address,
        jobs_location="here",
        worker_url="http://127.0.0.1",
        worker_service_account=f"jobs@{project_id}.iam.gserviceaccount.com",
        oidc_certs_url=tasks.certs_url,
        fcm_base_url=fcm.url,
        signing_secret="for tests only, and long enough to be a secret",
        rate_limit_per_minute=100_000,
        rate_limit_person_per_minute=100_000,
        rate_limit_refused_per_minute=100_000,
    )
