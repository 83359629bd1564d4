"""Sweeps as jobs, so that somebody can see when they ran, what they found, and run one now."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.jobs.doing.nothing import NoArguments
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun


class Sweeping:
    """Runs a sweep that needs no arguments and returns how much it has mended."""

    scope = JobScope.PLATFORM
    arguments = NoArguments()

    def __init__(self, name: str, sweep: Callable[[], int]) -> None:
        self.name = name
        self._sweep = sweep

    def step(
        self,
        run: JobRun,  # noqa: ARG002 - every handler's signature.
        arguments: Mapping[str, Any],  # noqa: ARG002
        cursor: Mapping[str, Any],  # noqa: ARG002
    ) -> Step:
        """Sweep once."""
        return Step(self._sweep(), None)
