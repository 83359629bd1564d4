"""Keeps the programs of a stack running: starts them again, with growing pauses, when they end."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from local.child import Child
from local.environment import child_environment
from local.folders import ROOT
from local.problems import Problem
from local.services import Service

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 30.0
STEADY_AFTER_S = 60.0  # Having run for so long, a program is trusted again.
READY_WITHIN_S = 90.0

Say = Callable[[str], None]


class Supervised:
    """One service and the child that runs it now."""

    def __init__(self, service: Service, *, mark: str, env: Mapping[str, str], logs: Path) -> None:
        self.service = service
        self.name = service.name
        self._env = {
            **child_environment(f"{mark}.{service.slug}"),
            **env,
            **service.environment,
        }
        self._log = logs / f"{service.slug}.log"
        self._pause_s = FIRST_PAUSE_S
        self._restart_at: float | None = None
        self.start()

    def start(self) -> None:
        """Start the service's program."""
        self.child = Child(
            self.service.name, self.service.command, cwd=ROOT, env=self._env, log=self._log
        )
        self._started_at = time.monotonic()
        self._restart_at = None

    def is_ready(self) -> bool:
        """Say whether the service can be used."""
        return self.child.is_running and self.service.is_ready(self.child)

    def has_failed(self) -> bool:
        """Say whether the program ended, which before the stack is ready is for good."""
        return not self.child.is_running

    def keep_running(self, say: Say) -> None:
        """Start the program again if it has ended and its pause is over. Never waits."""
        if self.child.is_running:
            return
        now = time.monotonic()
        if self._restart_at is None:
            self.child.kill()  # Its own children may still hold its port.
            if now - self._started_at > STEADY_AFTER_S:
                self._pause_s = FIRST_PAUSE_S
            say(f"{self.name} stopped ({self.child.ending}); starting it again.")
            self._restart_at = now + self._pause_s
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        elif now >= self._restart_at:
            self.start()

    def failure(self) -> Problem:
        """Return why the service did not become ready, for a person."""
        how = (
            f"did not answer within {READY_WITHIN_S:.0f} s"
            if self.child.is_running
            else f"ended while starting ({self.child.ending})"
        )
        said = self.child.last_lines() or "(nothing)"
        return Problem(f"{self.name} {how}. Its last words, from {self._log}:\n{said}")
