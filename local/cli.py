"""`python -m local.cli appoint UID admin`: a command of `backend.cli`, on the running stack."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from local.addresses import backend_environment
from local.data_folder import signing_secret_in
from local.environment import child_environment
from local.folders import ROOT
from local.problems import EXIT_CODE, Problem
from local.running import find_running
from local.settings import read_settings


def main() -> int:
    """Return what the command returned, or 2 if there is no stack."""
    try:
        environment = _environment()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return EXIT_CODE
    command = [sys.executable, "-m", "backend.cli", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _environment() -> dict[str, str]:
    """
    Return what the running stack's API reads.

    Raises:
        Problem: none is running, or the settings, from which its place follows, are broken.
    """
    settings = read_settings()
    stack = find_running(settings)
    if stack is None:
        raise Problem("No stack is running: `make run` starts one.")
    data_dir = Path(stack.data_dir)
    running = replace(
        settings, project_id=stack.project_id, data_dir=data_dir, ports=dict(stack.ports)
    )
    return child_environment(f"{stack.mark}.cli") | backend_environment(
        running, signing_secret_in(data_dir)
    )


if __name__ == "__main__":
    sys.exit(main())
