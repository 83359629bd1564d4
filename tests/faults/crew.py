"""The service as it runs in production: gunicorn's workers, each of which may die at any moment."""

import os
import random
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.settings import Settings
from tests.observability.process import GUNICORN, Process

WORKERS, THREADS = 3, 4


class Crew:
    """gunicorn with several workers behind one address, of which any can be killed."""

    def __init__(self, settings: Settings, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.kills = 0
        folder.mkdir()
        self._process = Process(GUNICORN, folder, _environment(settings, port))
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._process.wait_until_answers(f"{self.url}/readyz")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.stop()

    def trouble(self, chance: random.Random, *, kills: int, every_s: float) -> threading.Thread:
        """Kill workers at random, so many, on a thread that ends when it has."""

        def kill_on() -> None:
            while self.kills < kills and not self._over.wait(chance.uniform(0.3, 1.7) * every_s):
                self._kill_one(chance)

        thread = threading.Thread(target=kill_on, daemon=True)
        thread.start()
        return thread

    def calm(self) -> None:
        """Kill nobody any more."""
        self._over.set()

    def _kill_one(self, chance: random.Random) -> None:
        alive = _children(self._process.pid)
        if len(alive) < 2:  # One that still starts would only die of old age.
            return
        with suppress(ProcessLookupError):
            os.kill(chance.choice(alive), signal.SIGKILL)
            self.kills += 1


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def _environment(settings: Settings, port: int) -> dict[str, str]:
    return {
        "TASKFLOW_ENV": "development",
        "PORT": str(port),
        "WEB_WORKERS": str(WORKERS),
        "WEB_THREADS": str(THREADS),
        "GOOGLE_CLOUD_PROJECT": settings.project_id,
        "FIRESTORE_EMULATOR_HOST": settings.firestore_emulator_host,
        "FIREBASE_AUTH_EMULATOR_HOST": settings.auth_emulator_host,
        "JOBS_EMULATOR_HOST": settings.jobs_emulator_host,
        "JOBS_LOCATION": settings.jobs_location,
        "WORKER_URL": settings.worker_url,
        "WORKER_SERVICE_ACCOUNT": settings.worker_service_account,
        "OIDC_CERTS_URL": settings.oidc_certs_url,
        "FCM_BASE_URL": settings.fcm_base_url,
        "SIGNING_SECRET": settings.signing_secret,
        "RATE_LIMIT_PER_MINUTE": "100000",
        "RATE_LIMIT_PERSON_PER_MINUTE": "100000",
        "RATE_LIMIT_REFUSED_PER_MINUTE": "100000",
    }
