"""The command line, as operators have it."""

import os
import subprocess
import sys

from tests.api.world import World


def run(
    world: World, *arguments: str, given: str | None = None, **changed: str
) -> subprocess.CompletedProcess[str]:
    """The command line as an operator has it, on the world's database; `given` is its input."""
    settings = world.services.settings
    environment = {
        **os.environ,
        "TASKFLOW_ENV": "development",
        "GOOGLE_CLOUD_PROJECT": world.project_id,
        "WORKER_URL": world.url,
        "WORKER_SERVICE_ACCOUNT": settings.worker_service_account,
        "SIGNING_SECRET": settings.signing_secret,
        "JOBS_EMULATOR_HOST": settings.jobs_emulator_host,
        "JOBS_LOCATION": settings.jobs_location,
        "JOBS_QUEUE": settings.jobs_queue,
        "STORAGE_BUCKET": settings.storage_bucket,
        "STORAGE_EMULATOR_HOST": settings.storage_emulator_host,
        "MAIL_BOUNCES": settings.mail_bounces,
        **changed,
    }
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
