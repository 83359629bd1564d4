"""What the stack runs beside the Emulator Suite: each program's command and how to see it ready."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local.addresses import bucket, queue_path
from local.child import Child
from local.data_folder import DataFolder
from local.health import HOST, answers_http
from local.settings import LocalSettings

API_GRACE_S = 3  # Less than in production, to end well within the ten seconds of a stop.


@dataclass(frozen=True, slots=True)
class Service:
    """
    A program of the stack. `is_ready` says whether it can be used; it is asked often.

    `environment` is its own, besides what all programs get.
    """

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[Child], bool]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The name in file names and marks."""
        return self.name.lower().replace(" ", "-")


def stand_ins(settings: LocalSettings, data: DataFolder) -> list[Service]:
    """Return the programs that stand in for Google's services which the Suite lacks."""
    ports = settings.ports
    return [
        Service(
            "Cloud Tasks",
            _python("-m", "local.cloudtasks", "--port", ports["cloud_tasks"])
            + _words("--control-port", ports["cloud_tasks_control"])
            + _words("--data-dir", data.cloud_tasks, "--queue", queue_path(settings)),
            _answers(ports["cloud_tasks_control"], "/healthz"),
        ),
        Service(
            "FCM",
            _python("-m", "local.fcm", "--port", ports["fcm"]),
            _answers(ports["fcm"], "/healthz"),
        ),
        Service(
            "Mail",
            _python("-m", "local.mail", "--port", ports["mail"], "--smtp-port", ports["smtp"]),
            _answers(ports["mail"], "/healthz"),
        ),
        Service(
            "Cloud Storage",
            _python("-m", "gcp_storage_emulator", "--data-dir", data.storage, "start")
            + _words("--host", HOST, "--port", ports["storage"])
            + _words("--default-bucket", bucket(settings)),
            _answers(ports["storage"], "/"),
        ),
    ]


def api(settings: LocalSettings) -> Service:
    """Return the API, which is the worker too. It is ready when Firestore and its queue are."""
    return Service(
        "API",
        _python("-m", "gunicorn", "backend.wsgi:app", "--config", "backend/gunicorn.conf.py")
        + _words("--graceful-timeout", API_GRACE_S),
        _answers(settings.ports["api"], "/readyz"),
        # Several workers would each want the port, which the API refuses.
        {} if _has_several_workers(settings) else _metrics_at(settings.ports["api_metrics"]),
    )


def scheduler(settings: LocalSettings) -> Service:
    """Return the scheduler. Nobody calls it, so its own word is taken."""
    return Service(
        "Scheduler",
        _python("-m", "backend.scheduler"),
        lambda child: "scheduler.started" in child.output(),
        _metrics_at(settings.ports["scheduler_metrics"]),
    )


def _has_several_workers(settings: LocalSettings) -> bool:
    wish = settings.passed_on.get("WEB_WORKERS", "1")  # Without what the environment says itself.
    return os.environ.get("WEB_WORKERS", wish) not in ("", "1")


def _metrics_at(port: int) -> dict[str, str]:
    return {"METRICS_HOST": HOST, "METRICS_PORT": str(port)}


def _python(*arguments: object) -> tuple[str, ...]:
    return (sys.executable, *_words(*arguments))


def _words(*arguments: object) -> tuple[str, ...]:
    return tuple(map(str, arguments))


def _answers(port: int, path: str) -> Callable[[Child], bool]:
    return lambda _: answers_http(port, path)
