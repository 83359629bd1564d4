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
from local.mail import MailStandIn
from local.suite import EmulatorSuite
from tests.api.world import World
from tests.clock import VirtualClock
from tests.storage import StorageStandIn


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def fcm() -> Iterator[FcmStandIn]:
    with FcmStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def mail() -> Iterator[MailStandIn]:
    with MailStandIn() as stand_in:
        yield stand_in


@pytest.fixture(scope="session")
def storage() -> Iterator[StorageStandIn]:
    """Cloud Storage, with a bucket for each world."""
    with StorageStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def world(
    suite: EmulatorSuite,
    clock: VirtualClock,
    fcm: FcmStandIn,
    mail: MailStandIn,
    storage: StorageStandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """The whole service on a free port, in an empty database."""
    # Both SDKs look for their emulators in the environment, and nowhere else.
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
    with a_world(suite, clock, fcm, mail, storage, tmp_path) as world:
        yield world


@pytest.fixture
def elsewhere(
    suite: EmulatorSuite,
    clock: VirtualClock,
    fcm: FcmStandIn,
    mail: MailStandIn,
    storage: StorageStandIn,
    tmp_path: Path,
    world: World,
) -> Iterator[World]:
    """Another whole service, of another project with its own database and bucket."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with a_world(suite, clock, fcm, mail, storage, folder) as other:
        yield other


@contextmanager
def a_world(
    suite: EmulatorSuite,
    clock: VirtualClock,
    fcm: FcmStandIn,
    mail: MailStandIn,
    storage: StorageStandIn,
    data_dir: Path,
) -> Iterator[World]:
    """A service of its own project, between `with` and its end."""
    project_id = f"demo-{secrets.token_hex(6)}"
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    identity = Identity(shared_key(), clock)  # Its tokens are checked by the same clock.
    with CloudTasksStandIn(
        data_dir=data_dir, clock=clock, queues=[queue], identity=identity
    ) as tasks:
        settings = replace(
            settings_of(suite, project_id, tasks, fcm),
            storage_bucket=storage.make_bucket(f"{project_id}.appspot.com"),
            storage_emulator_host=storage.url,
            smtp_url=smtp_url(mail),
        )
        with serving(settings, clock) as (services, url):
            world = World(services, url, clock, tasks, fcm, mail)
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
    settings = replace(settings, worker_url=url, api_url=url)
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
        mail_from="TaskFlow <no-reply@taskflow.example>",
        mail_bounces="bounces@taskflow.example",
        app_url="https://app.taskflow.example",
        signing_secret="for tests only, and long enough to be a secret",
        rate_limit_per_minute=100_000,
        rate_limit_person_per_minute=100_000,
        rate_limit_refused_per_minute=100_000,
    )


def smtp_url(mail: MailStandIn) -> str:
    """Where a service hands its mail over."""
    host, port = mail.smtp_address
    return f"smtp://{host}:{port}"
