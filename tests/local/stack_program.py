"""Runs `python -m local` as people do, and asks its emulators what they hold."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from local.folders import ROOT
from local.health import wait_until
from local.marked import marked_processes
from local.ports import free_ports
from local.running import FILE, RunningStack, find_running
from local.settings import PORTS, LocalSettings

READY_WITHIN_S, STOPPED_WITHIN_S = 150.0, 30.0


def settings_in(data_dir: Path) -> LocalSettings:
    """Return settings for a stack on free ports with its data in `data_dir`."""
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    return LocalSettings(
        project_id="demo-stack-test",
        data_dir=data_dir,
        export_interval_s=0,
        ports=ports,
        passed_on={},
    )


@contextmanager
def program(settings: LocalSettings, **environment: str) -> Iterator["Program"]:
    """Start `python -m local`; it is killed at the end if it still runs."""
    running = Program(settings, environment)
    try:
        yield running
    finally:
        running.kill()


class Program:
    """`python -m local`, and what it says."""

    def __init__(self, settings: LocalSettings, environment: dict[str, str]) -> None:
        self.settings = settings
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT,
            env=os.environ | settings.as_environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self) -> RunningStack:
        """Wait until the stack says that it is ready, and return its description."""
        file = self.settings.state_dir / FILE
        wait_until(
            lambda: file.exists() or self._process.poll() is not None, within_s=READY_WITHIN_S
        )
        if not file.exists():
            self._process.kill()
            raise AssertionError(f"It did not become ready:\n{self._process.communicate()[0]}")
        stack = find_running(self.settings)
        assert stack is not None
        return stack

    def stop(self, number: signal.Signals) -> tuple[int, str, float]:
        """Send a signal; return the exit code, all it said, and the seconds until it was gone."""
        started_at = time.monotonic()
        self._process.send_signal(number)
        code, said = self.wait()
        return code, said, time.monotonic() - started_at

    def wait(self, within_s: float = STOPPED_WITHIN_S) -> tuple[int, str]:
        """Wait for its end; return the exit code and all it said."""
        said, _ = self._process.communicate(timeout=within_s)
        return self._process.returncode, said

    def kill(self) -> None:
        """Kill it without a word."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def pids_of(stack: RunningStack, part: str) -> list[int]:
    """Return the processes of one program of the stack, `api` for instance."""
    return marked_processes(f"{stack.mark}.{part}")


def sign_up(stack: RunningStack, email: str) -> str:
    """Create an account at the Auth emulator and return its uid."""
    answer = requests.post(
        f"{stack.urls['auth']}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=local",
        json={"email": email, "password": "secret-1", "returnSecureToken": True},
        timeout=20,
    )
    return str(answer.json()["localId"])


def sign_in(stack: RunningStack, email: str) -> dict[str, Any]:
    """Return what the Auth emulator answers to the right password."""
    answer = requests.post(
        f"{stack.urls['auth']}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
        "?key=local",
        json={"email": email, "password": "secret-1", "returnSecureToken": True},
        timeout=20,
    )
    return dict(answer.json())


def who_am_i(stack: RunningStack, token: str) -> requests.Response:
    """Call the API as the person with this ID token."""
    return requests.get(
        f"{stack.urls['api']}/api/v1/users/me",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )


def document_url(stack: RunningStack, path: str) -> str:
    """Return the URL of a document at the Firestore emulator."""
    base = f"{stack.urls['firestore']}/v1/projects/{stack.project_id}"
    return f"{base}/databases/(default)/documents/{path}"
