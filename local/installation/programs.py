"""Runs pip and npm: their words go to a log file, their failures become sentences."""

import os
import re
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path

from local.marked import MARK, end_marked
from local.problems import Problem

NO_NETWORK = re.compile(
    r"NameResolutionError|name resolution|NewConnectionError|ConnectTimeout|Network is unreachable"
    r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ProxyError",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"No space left on device|ENOSPC", re.IGNORECASE)
NO_RIGHT = re.compile(r"Permission denied|EACCES|EPERM|Read-only file system|EROFS", re.IGNORECASE)
NO_VENV = re.compile(r"ensurepip is not available|No module named (venv|ensurepip)")
REMEDIES = (
    (
        NO_VENV,
        "this Python lacks its venv module: install it (on Debian: apt install python3-venv)",
    ),
    (NO_SPACE, "the disk is full: free about 2 GB"),
    (NO_RIGHT, "a file or folder may not be written: correct its owner or rights"),
    (NO_NETWORK, "the package registry cannot be reached: connect to the internet"),
)


class Programs:
    """The programs an installation runs. They and their own children carry `mark`."""

    def __init__(self, logs: Path) -> None:
        self.mark = f"install-{secrets.token_hex(6)}"
        self._logs = logs

    def run(
        self, what: str, command: Sequence[str], *, cwd: Path, log: str, path: Path | None = None
    ) -> None:
        """
        Run `command` to its end, with `path` searched first for programs.

        Raises:
            Problem: it failed; the sentence names the cause, the remedy and the log file.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        file = self._logs / log
        environment = dict(os.environ) | {MARK: self.mark}
        if path is not None:
            environment["PATH"] = os.pathsep.join([str(path), environment.get("PATH", "")])
        with file.open("ab") as output:
            start = output.tell()
            code = subprocess.run(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if code != 0:
            said = file.read_bytes()[start:].decode(errors="replace")
            raise Problem(f"{what} could not be installed: {_cause(said)}. Details: {file}")

    def end(self) -> None:
        """End every program that still runs."""
        end_marked(self.mark)


def _cause(said: str) -> str:
    for pattern, remedy in REMEDIES:
        if pattern.search(said):
            return f"{remedy}, then run the same command again"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(npm )?(error|ERROR|ERR!)", line)]
    return (errors or lines or ["it gave no reason"])[-1].rstrip(".")
