"""What operators do at a command line."""

import os
import subprocess
import sys

from tests.api.world import World


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line as an operator has it, against the world's database."""
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
    }
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestAppoint:
    """`python -m backend.cli appoint`"""

    def test_the_first_admin_comes_from_here(self, world: World):
        """Nobody is there yet who could appoint them through the API."""
        ada = world.person("Ada")

        done = run(world, "appoint", ada.uid, "admin")

        assert (0, "") == (done.returncode, done.stderr)
        assert 200 == ada.get("/admin/audit").status_code

    def test_mistakes_are_told(self, world: World):
        """Somebody who never called, and a role that there is not."""
        unknown = run(world, "appoint", "nobody", "admin")
        superuser = run(world, "appoint", "nobody", "superuser")

        assert (1, 2) == (unknown.returncode, superuser.returncode)
        assert "There is no such thing here" in unknown.stderr
        assert "invalid choice" in superuser.stderr
        assert [] == world.documents("staff")
