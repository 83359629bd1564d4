"""A process of the service, started as in production, whose output is kept to be read."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
POLL_S = 0.02
GUNICORN = ("-m", "gunicorn", "backend.wsgi:app", "--config", "backend/gunicorn.conf.py")
SCHEDULER = ("-m", "backend.scheduler")

# Of this machine's environment only what a program needs to start at all.
KEPT = ("HOME", "LANG", "PATH", "TMPDIR")


class Process:
    """One process, its lines of log, and its end."""

    def __init__(self, command: tuple[str, ...], folder: Path, settings: Mapping[str, str]) -> None:
        self._out, self._err = folder / "stdout", folder / "stderr"
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**environment, **settings},
                stdout=out,
                stderr=err,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def output(self) -> str:
        """Everything it has said so far."""
        return self._out.read_text() + self._err.read_text()

    def stdout_lines(self) -> list[str]:
        """The complete lines of its standard output."""
        return self._out.read_text().splitlines()

    def lines(self, *messages: str) -> list[dict[str, Any]]:
        """Its lines of log, of these names only if any are given."""
        found = [json.loads(line) for line in self.stdout_lines()]
        return [line for line in found if not messages or line["message"] in messages]

    def line_of(self, request_id: str, *messages: str) -> dict[str, Any]:
        """The only line of a request, once it is there: it is written as the answer leaves."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [
                line for line in self.lines(*messages) if line.get("request_id") == request_id
            ]
            return bool(found)

        self.wait_until(is_there)
        (line,) = found
        return line

    def wait_until(self, check: Any) -> None:
        """Wait until `check` says so, while the process lives."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not check():
            assert self._process.poll() is None, f"it has ended:\n{self.output()}"
            assert time.monotonic() < give_up_at, f"it took too long:\n{self.output()[-4000:]}"
            time.sleep(POLL_S)

    def wait_until_answers(self, url: str) -> None:
        self.wait_until(lambda: _answers(url))

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    def ended(self) -> int:
        """Wait for its end, and return its exit status."""
        return self._process.wait(PATIENCE_S)

    def stop(self) -> None:
        """End it, whatever it is doing."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_S)
            finally:
                self._process.kill()
                self._process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=PATIENCE_S).status_code == 200
    except requests.ConnectionError:
        return False
