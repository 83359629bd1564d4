"""One gunicorn for the tests that only look at what it says, and others to be spoilt."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.bootstrap import build_ports, build_services
from backend.kit.clock import SystemClock
from backend.settings import Mode, Settings
from local.cloudtasks import CloudTasksStandIn
from local.fcm import FcmStandIn
from local.ports import free_ports
from local.suite import EmulatorSuite
from tests.api.world import World
from tests.observability.process import GUNICORN, SCHEDULER, Process

SECRET = "for tests only, and long enough to be a secret"
NOBODY_THERE = "127.0.0.1:9"


@dataclass
class Served:
    """A gunicorn, and the world around it as other tests know it."""

    process: Process
    world: World
    url: str
    metrics_url: str
    settings: dict[str, str]
    folder: Path

    def scheduler(self, **settings: str) -> Process:
        """Start a scheduler beside it."""
        folder = self.folder / secrets.token_hex(4)
        folder.mkdir()
        return Process(SCHEDULER, folder, {**self.settings, **settings})


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def served(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gunicorn on emulators, for a whole module."""
    with _serving(suite, tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture
def serve(suite: EmulatorSuite, tmp_path: Path) -> Iterator[Serve]:
    """Starts a gunicorn with further settings; it ends with the test."""
    with ExitStack() as scope:
        yield lambda **settings: scope.enter_context(_serving(suite, tmp_path, **settings))


@contextmanager
def _serving(suite: EmulatorSuite, folder: Path, **further: str) -> Iterator[Served]:
    project_id = f"demo-{secrets.token_hex(6)}"
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    clock = SystemClock()
    port, metrics_port = free_ports(2)
    url = f"http://127.0.0.1:{port}"
    with (
        CloudTasksStandIn(clock=clock, queues=[queue]) as tasks,
        FcmStandIn() as fcm,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
        environment.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
        settings = {
            "TASKFLOW_ENV": "development",
            "GOOGLE_CLOUD_PROJECT": project_id,
            "FIRESTORE_EMULATOR_HOST": suite.firestore_host,
            "FIREBASE_AUTH_EMULATOR_HOST": suite.auth_host,
            "JOBS_EMULATOR_HOST": tasks.address,
            "JOBS_LOCATION": "here",
            "WORKER_URL": url,
            "WORKER_SERVICE_ACCOUNT": f"jobs@{project_id}.iam.gserviceaccount.com",
            "OIDC_CERTS_URL": tasks.certs_url,
            "FCM_BASE_URL": fcm.url,
            "SIGNING_SECRET": SECRET,
            "RATE_LIMIT_PER_MINUTE": "100000",
            "RATE_LIMIT_PERSON_PER_MINUTE": "100000",
            "RATE_LIMIT_REFUSED_PER_MINUTE": "100000",
            "HOST": "127.0.0.1",
            **further,
        }
        here = {"PORT": str(port), "METRICS_PORT": str(metrics_port)}
        process = Process(GUNICORN, folder, {**settings, **here})
        try:
            process.wait_until_answers(f"{url}/livez")
            world = World(_services(settings), url, clock, tasks, fcm)
            metrics_url = f"http://127.0.0.1:{metrics_port}/metrics"
            yield Served(process, world, url, metrics_url, settings, folder)
        finally:
            process.stop()


def _services(environment: dict[str, str]):
    """The same service once more in this process: its way to documents, jobs and time."""
    settings = Settings(
        mode=Mode.DEVELOPMENT,
        project_id=environment["GOOGLE_CLOUD_PROJECT"],
        firestore_emulator_host=environment["FIRESTORE_EMULATOR_HOST"],
        auth_emulator_host=environment["FIREBASE_AUTH_EMULATOR_HOST"],
        jobs_emulator_host=environment["JOBS_EMULATOR_HOST"],
        jobs_location="here",
        worker_url=environment["WORKER_URL"],
        worker_service_account=environment["WORKER_SERVICE_ACCOUNT"],
        oidc_certs_url=environment["OIDC_CERTS_URL"],
        fcm_base_url=environment["FCM_BASE_URL"],
        signing_secret=SECRET,
    )
    return build_services(settings, build_ports(settings))
