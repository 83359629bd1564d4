"""Where the parts of a stack find each other: the environment of the backend and the functions."""

import os

from local.environment import LEFT_OUT
from local.health import HOST
from local.settings import LocalSettings

APP_URL = "http://localhost:3000"  # Where most apps for browsers run while they are made.
JOBS_LOCATION, JOBS_QUEUE = "europe-west1", "jobs"
# What a deployment leaves to minutes, a person at a keyboard wants to see at once; and the API too.
QUICK = {
    "API_DOCS": "true",
    "PROMOTE_INTERVAL_S": "2",
    "SWEEP_INTERVAL_S": "5",
    "REPAIR_INTERVAL_S": "5",
    "REPAIR_GRACE_S": "10",
    "LEASE_TTL_S": "6",
}


def backend_environment(settings: LocalSettings, signing_secret: str) -> dict[str, str]:
    """
    Return what API, scheduler and functions read.

    Wishes (`LOG_LEVEL`, intervals) may come from `.env` or the environment; addresses may not,
    because they follow from the ports.
    """
    passed_on = {name: text for name, text in settings.passed_on.items() if name not in LEFT_OUT}
    wishes = QUICK | {"SIGNING_SECRET": signing_secret, "APP_URL": APP_URL} | passed_on
    wishes = {name: os.environ.get(name, text) for name, text in wishes.items()}
    return wishes | _addresses(settings)


def functions_environment(settings: LocalSettings) -> dict[str, str]:
    """Return what the functions read; the Suite adds its own addresses."""
    names = ("JOBS_EMULATOR_HOST", "JOBS_LOCATION", "JOBS_QUEUE", "WORKER_URL")
    addresses = _addresses(settings)
    return {name: addresses[name] for name in (*names, "WORKER_SERVICE_ACCOUNT")}


def client_environment(settings: LocalSettings) -> dict[str, str]:
    """Return what a client of the stack, such as a test or a script with an SDK, reads."""
    ports = settings.ports
    return {
        "GOOGLE_CLOUD_PROJECT": settings.project_id,
        "FIRESTORE_EMULATOR_HOST": f"{HOST}:{ports['firestore']}",
        "FIREBASE_AUTH_EMULATOR_HOST": f"{HOST}:{ports['auth']}",
        "STORAGE_EMULATOR_HOST": url(settings, "storage"),
        # Not CLOUD_TASKS_EMULATOR_HOST: the Suite points that to a Tasks emulator of its own.
        "JOBS_EMULATOR_HOST": f"{HOST}:{ports['cloud_tasks']}",
        "STORAGE_BUCKET": bucket(settings),
    }


def url(settings: LocalSettings, port: str) -> str:
    """Return the URL at one of the ports of `local.settings.PORTS`."""
    return f"http://{HOST}:{settings.ports[port]}"


def bucket(settings: LocalSettings) -> str:
    """Return the name of the bucket for files."""
    return f"{settings.project_id}.appspot.com"


def queue_path(settings: LocalSettings) -> str:
    """Return the full name of the Cloud Tasks queue for jobs."""
    return f"projects/{settings.project_id}/locations/{JOBS_LOCATION}/queues/{JOBS_QUEUE}"


def _addresses(settings: LocalSettings) -> dict[str, str]:
    return client_environment(settings) | {
        "TASKFLOW_ENV": "development",
        "JOBS_LOCATION": JOBS_LOCATION,
        "JOBS_QUEUE": JOBS_QUEUE,
        "HOST": HOST,
        "PORT": str(settings.ports["api"]),
        "WORKER_URL": url(settings, "api"),
        "WORKER_SERVICE_ACCOUNT": f"jobs@{settings.project_id}.iam.gserviceaccount.com",
        "OIDC_CERTS_URL": f"{url(settings, 'cloud_tasks_control')}/oauth2/v1/certs",
        "FCM_BASE_URL": url(settings, "fcm"),
        "SMTP_URL": f"smtp://{HOST}:{settings.ports['smtp']}",
        "MAIL_FROM": "TaskFlow <no-reply@taskflow.example>",
        "MAIL_BOUNCES": "bounces@taskflow.example",
        "API_URL": url(settings, "api"),
        "RATE_LIMIT_STORAGE_URL": "memory://",
    }
