"""Backing the database up: Firestore exports it to a bucket, and the run waits for that."""

from collections.abc import Mapping
from typing import Any

import structlog

from backend.adapters.backups import Backups, Export
from backend.jobs.doing.nothing import NoArguments
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.errors import FailedPrecondition

log = structlog.get_logger()

LOOKED_AGAIN_S = 5.0


class Backup:
    """
    Begins an export to a folder named by the run, and looks how far it is, a look a step.

    Whoever is killed between beginning and noting it finds the same export by its folder. Called
    off, or out of time: what Firestore has begun it ends by itself.
    """

    name = "backup"
    scope = JobScope.PLATFORM
    arguments = NoArguments()

    def __init__(self, clock: Clock, backups: Backups) -> None:
        self._clock = clock
        self._backups = backups

    def step(
        self,
        run: JobRun,
        arguments: Mapping[str, Any],  # noqa: ARG002 - every handler's signature.
        cursor: Mapping[str, Any],
    ) -> Step:
        """Begin the export, or look at it; the result says where it is and how much is in it."""
        folder = f"backups/{run.job_id}/{run.id}"
        name = cursor.get("export")
        if name is None:
            export = self._backups.begin(folder)
            log.info("backup.began", job_id=run.job_id, run_id=run.id)
        else:
            self._clock.pause(LOOKED_AGAIN_S)  # Exports take minutes: no hurry.
            export = self._backups.look(str(name))
        return _step(export, folder, counted=int(cursor.get("documents", 0)))


def _step(export: Export, folder: str, *, counted: int) -> Step:
    if export.problem:
        raise FailedPrecondition(f"The export failed: {export.problem}.", code="backup-failed")
    documents = max(counted, export.documents)
    cursor = None if export.is_done else {"export": export.name, "documents": documents}
    return Step(documents - counted, cursor, {"folder": folder, "documents": documents})
