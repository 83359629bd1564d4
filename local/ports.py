"""Free and taken ports of this machine."""

import contextlib
import os
import socket
import subprocess
from pathlib import Path

from local.health import HOST

PROC = Path("/proc")
LISTENING = "0A"  # A socket's state in /proc/net/tcp.


def is_free(port: int) -> bool:
    """Say whether a server could listen at `port`."""
    with socket.socket() as candidate:
        # As servers do it: connections of a server that has gone do not keep its port.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that are free now."""
    with contextlib.ExitStack() as held:
        # Held together, so that no port is given twice.
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for candidate in sockets:
            candidate.bind((HOST, 0))
        return [int(candidate.getsockname()[1]) for candidate in sockets]


def holder_of(port: int) -> str | None:
    """Name the process that listens at `port`, like `node (process 123)`, if it can be found."""
    if PROC.is_dir():
        return _holder_from_proc(port)
    return _holder_from_lsof(port)


def _holder_from_proc(port: int) -> str | None:
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for link in PROC.glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) in sockets:
                pid = link.parts[2]
                return f"{PROC.joinpath(pid, 'comm').read_text().strip()} (process {pid})"
        except OSError:  # It has ended, or is somebody else's.
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = PROC.joinpath("net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(fields[9])
    return inodes


def _holder_from_lsof(port: int) -> str | None:
    try:
        lines = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        ).stdout.splitlines()
    except (OSError, subprocess.TimeoutExpired):
        return None
    if len(lines) < 2:
        return None
    command, pid = lines[1].split()[:2]
    return f"{command} (process {pid})"
