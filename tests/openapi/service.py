"""The service as it runs in production, a process of gunicorn, and people who call it."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from backend.notifications.documents import notification_fields, notification_path
from backend.notifications.model import Category, Notification
from backend.templating.model import Rendered
from local.cloudtasks import CloudTasksStandIn
from local.suite import EmulatorSuite
from tests.clock import VirtualClock
from tests.storage import StorageStandIn
from tests.tokens import id_token

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
SIGNING_SECRET = "for tests only, and long enough to be a secret"


@dataclass(frozen=True)
class Service:
    """A running process and the project it serves."""

    url: str
    project_id: str
    auth_host: str
    process: "subprocess.Popen[bytes]"
    log: Path
    environment: Mapping[str, str] = field(repr=False)

    def person(self, name: str) -> "Person":
        """Return somebody who has an account."""
        uid = self._signed_up(name)
        person = Person(self, uid)
        assert person.call("GET", "/api/v1/users/me").status_code == 200
        return person

    def appoint(self, person: "Person") -> None:
        """Make somebody an admin of the platform, as an operator does."""
        command = ["-m", "backend.cli", "appoint", person.uid, "admin"]
        subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=dict(self.environment),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def told(self, person: "Person") -> str:
        """Tell somebody something, as the service would if a queue delivered; return its id."""
        now, notification_id = datetime.now(UTC), secrets.token_hex(8)
        with pytest.MonkeyPatch.context() as environment:
            host = self.environment["FIRESTORE_EMULATOR_HOST"]
            environment.setenv("FIRESTORE_EMULATOR_HOST", host)
            client = firestore.Client(self.project_id, AnonymousCredentials())
        notification = Notification(
            id=notification_id,
            uid=person.uid,
            category=Category.ASSIGNED,
            words=Rendered("assigned@0", "Bob assigned you a task", "Proofread", "en"),
            link="/",
            group_key="task:t",
            actor_uid="bob",
            workspace_id=None,
            task_id=None,
            created_at=now,
        )
        path = notification_path(person.uid, notification_id)
        client.document(path).create(dict(notification_fields(notification)))
        client.close()
        return notification_id

    def guest_token(self) -> str:
        """Return the token of a guest who has called."""
        anonymous = {"sign_in_provider": "anonymous", "identities": {}}
        uid, now = self._signed_up("guest"), datetime.now(UTC)
        token = id_token(uid, self.project_id, at=now, firebase=anonymous)
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"{self.url}/api/v1/users/me", headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return token

    def _signed_up(self, name: str) -> str:
        uid = f"{name}-{secrets.token_hex(4)}"
        identity = f"identitytoolkit.googleapis.com/v1/projects/{self.project_id}/accounts"
        signed_up = requests.post(
            f"http://{self.auth_host}/{identity}",
            json={"localId": uid},
            headers={"Authorization": "Bearer owner"},
            timeout=60,
        )
        assert signed_up.ok, signed_up.text
        return uid


@dataclass(frozen=True)
class Person:
    """Somebody who calls with a fresh ID token."""

    service: Service
    uid: str
    is_verified: bool = True

    @property
    def email(self) -> str:
        return f"{self.uid}@example.com"

    @property
    def headers(self) -> dict[str, str]:
        now, project_id = datetime.now(UTC), self.service.project_id
        claims = {"email": self.email, "email_verified": self.is_verified}
        token = id_token(self.uid, project_id, at=now, **claims)
        return {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        url = f"{self.service.url}{path}"
        return requests.request(method, url, headers=headers, timeout=60, **options)


@contextmanager
def serving(suite: EmulatorSuite, folder: Path, **settings: str) -> Iterator[Service]:
    """Run the service until the end of the block, with its log in `folder`."""
    project_id = f"demo-{secrets.token_hex(6)}"
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    with (
        CloudTasksStandIn(data_dir=folder, clock=VirtualClock(), queues=[queue]) as tasks,
        StorageStandIn() as storage,
    ):
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "TASKFLOW_ENV": "development",
            "GOOGLE_CLOUD_PROJECT": project_id,
            "FIRESTORE_EMULATOR_HOST": suite.firestore_host,
            "FIREBASE_AUTH_EMULATOR_HOST": suite.auth_host,
            "JOBS_EMULATOR_HOST": tasks.address,
            "JOBS_LOCATION": "here",
            "WORKER_URL": url,
            "WORKER_SERVICE_ACCOUNT": f"jobs@{project_id}.iam.gserviceaccount.com",
            "SIGNING_SECRET": SIGNING_SECRET,
            "STORAGE_BUCKET": storage.make_bucket(f"{project_id}.appspot.com"),
            "STORAGE_EMULATOR_HOST": storage.url,
            "RATE_LIMIT_PER_MINUTE": "1000000",
            "RATE_LIMIT_PERSON_PER_MINUTE": "1000000",
            "RATE_LIMIT_REFUSED_PER_MINUTE": "1000000",
            "LOG_LEVEL": "warning",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            **settings,
        }
        command = ["-m", "gunicorn", "backend.wsgi:app", "--config", "backend/gunicorn.conf.py"]
        with (folder / "service.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
            try:
                _wait_until_ready(process, url, folder / "service.log")
                log_file = folder / "service.log"
                yield Service(url, project_id, suite.auth_host, process, log_file, environment)
            finally:
                process.terminate()
                process.wait(30)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    session = requests.Session()
    retrying = requests.adapters.Retry(
        total=None, connect=PATIENCE_S * 4, status=20, backoff_factor=0.25, backoff_max=0.25,
        status_forcelist=[503],
    )  # fmt: skip
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retrying))
    try:
        assert session.get(f"{url}/readyz", timeout=PATIENCE_S).status_code == 200
    except requests.RequestException as error:
        process.terminate()
        raise AssertionError(f"no service at {url}:\n{log.read_text()[-4000:]}") from error


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
