"""Finds the stack that is running, or starts one for as long as it is needed."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local.addresses import client_environment, url
from local.folders import LOCAL, ROOT
from local.health import wait_until
from local.marked import marked_processes
from local.ports import free_ports
from local.problems import Problem
from local.settings import PORTS, LocalSettings, read_settings

FILE = "stack.json"
START_WITHIN_S, STOP_WITHIN_S = 240.0, 30.0


@dataclass(frozen=True, slots=True)
class RunningStack:
    """
    A stack that is ready.

    `pid` is the process to send SIGTERM to. Its programs carry `mark` with a part of their own
    (see `local.marked`): api, scheduler, cloud-tasks, fcm, mail, cloud-storage, suite. `ports` has
    the keys of `local.settings.PORTS`, `urls` those of them that speak HTTP. `environment` is for
    clients: the SDKs' emulator variables, and LOCAL_ variables as in `.env.example`.
    """

    pid: int
    mark: str
    project_id: str
    data_dir: str
    logs: str
    ports: Mapping[str, int]
    urls: Mapping[str, str]
    environment: Mapping[str, str]

    @property
    def is_alive(self) -> bool:
        """Whether it still runs. After a `kill -9` only its description is left."""
        return bool(marked_processes(self.mark))


def describe(settings: LocalSettings, mark: str) -> RunningStack:
    """Return the description of the stack of this process."""
    return RunningStack(
        pid=os.getpid(),
        mark=mark,
        project_id=settings.project_id,
        data_dir=str(settings.data_dir),
        logs=str(settings.logs),
        ports=dict(settings.ports),
        urls={name: url(settings, name) for name in PORTS if name != "smtp"},
        environment=client_environment(settings) | settings.as_environment(),
    )


def write_description(settings: LocalSettings, mark: str) -> Path:
    """Write down that the stack of this process is ready, and return the file."""
    file = settings.state_dir / FILE
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(describe(settings, mark)), indent=2))
    unfinished.replace(file)
    return file


def find_running(settings: LocalSettings | None = None) -> RunningStack | None:
    """
    Return the running stack, or None.

    Raises:
        Problem: the settings, from which its place follows, are broken.
    """
    file = (settings or read_settings()).state_dir / FILE
    try:
        stack = RunningStack(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return stack if stack.is_alive else None


@contextlib.contextmanager
def running_or_own_stack() -> Iterator[RunningStack]:
    """
    Return the running stack, or start one of our own and stop it afterwards.

    Our own has free ports, a project id and a data folder of its own.

    Raises:
        Problem: our own could not be started; it has said why.
    """
    running = find_running()
    if running is not None:
        yield running
        return
    with own_stack() as own:
        yield own


@contextlib.contextmanager
def own_stack() -> Iterator[RunningStack]:
    """Start a stack on free ports, and stop it and delete its data afterwards."""
    name = secrets.token_hex(4)
    settings = LocalSettings(
        project_id=f"demo-{name}",
        data_dir=LOCAL / "own" / name,
        export_interval_s=0,
        ports=dict(zip(PORTS, free_ports(len(PORTS)), strict=True)),
        passed_on={},
    )
    # In a session of its own: Ctrl-C is ours, and we stop it when we have finished.
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--with-parent", "--brief"],
        cwd=ROOT,
        env=dict(os.environ) | settings.as_environment(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield _ready(process, settings)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN_S)
        process.kill()
        shutil.rmtree(settings.data_dir, ignore_errors=True)


def _ready(process: subprocess.Popen[bytes], settings: LocalSettings) -> RunningStack:
    file = settings.state_dir / FILE
    ended = wait_until(
        lambda: file.exists() or process.poll() is not None,
        within_s=START_WITHIN_S,
    )
    if not file.exists():
        raise Problem(
            "A stack of our own did not start." if ended else "Our own stack took too long."
        )
    stack = find_running(settings)
    if stack is None:
        raise Problem("Our own stack stopped as soon as it was ready.")
    return stack
