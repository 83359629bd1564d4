"""A short-lived Emulator Suite on free ports, for tests and for trying things out."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from local.folders import LOCAL
from local.guardian import Guardian
from local.suite import EmulatorSuite
from local.suite_config import SuitePorts
from local.suite_program import SuiteOptions


@contextlib.contextmanager
def private_suite(
    project_id: str,
    *,
    only: Sequence[str] = ("auth", "firestore"),
    environment: Mapping[str, str] | None = None,
    rules: Path | None = None,
) -> Iterator[EmulatorSuite]:
    """
    Start a Suite, wait until it is ready, and end it with its data afterwards.

    `environment` is for the functions; `rules` replaces the committed rules file.

    Raises:
        Problem: it cannot be started.
    """
    mark = f"suite-{secrets.token_hex(6)}"
    options = SuiteOptions(
        project_id=project_id,
        folder=LOCAL / "suites" / mark,
        ports=SuitePorts.free(),
        only=only,
        environment=environment or {},
        rules=rules,
        mark=mark,
    )
    suite = EmulatorSuite(options)
    with Guardian(mark):
        try:
            suite.start()
            suite.wait_ready()
            yield suite
        finally:
            suite.stop()
        # Not so after a failure, whose reason may stand in its logs.
        shutil.rmtree(options.folder, ignore_errors=True)
