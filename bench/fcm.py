"""
How many pushes a second each sender gets out of one core, FCM taking 50 ms to answer.

`python -m bench.fcm`: firebase-admin's `send_each`, as the fallback uses it, and our own sender, in
one run against one server over TLS. CPU is this process's, of all its threads: what a core can do
is a million divided by it. Every message has a text and a token of its own.
"""

import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import google.auth.credentials
from firebase_admin import credentials

from backend.adapters.push import Push, PushMessage
from backend.adapters.push_credentials import EmulatorBearer
from backend.adapters.push_fast import FastPush
from backend.adapters.push_pausing import Pause
from backend.adapters.push_sdk import SdkPush
from backend.kit.clock import SystemClock
from tests.local.https_redirect import certify, resolver

PROJECT = "demo-bench"
HOST = "fcm.googleapis.com"
LATENCY_MS = 50
MESSAGES = {"send_each": 2_000, "ours, one batch": 30_000, "ours, batches of 3": 900}
ROUNDS = 3


class _Owner(google.auth.credentials.Credentials):
    def refresh(self, request: object) -> None:  # noqa: ARG002 - google-auth passes it.
        self.token = "owner"  # noqa: S105 - the server takes anybody.


class _Credential(credentials.Base):  # type: ignore[misc]
    def get_credential(self) -> google.auth.credentials.Credentials:
        return _Owner()


class Server:
    """The other end."""

    def __init__(self, chain_file: Path) -> None:
        node = shutil.which("node")
        if node is None:
            raise SystemExit("node is needed: see README.md.")
        script = str(Path(__file__).with_name("fcm_server.mjs"))
        self._process = subprocess.Popen(  # noqa: S603
            [node, script, str(chain_file), str(LATENCY_MS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line())

    def connections(self) -> int:
        """How many were opened since this was last asked."""
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        return int(self._line())

    def stop(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101
        return self._process.stdout.readline()


@contextmanager
def serving() -> Iterator[tuple[Server, str]]:
    """Serve as FCM's host, which leads here within this process, with a throw-away authority."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        certify(HOST, folder / "ca.pem", folder / "chain.pem")
        os.environ["REQUESTS_CA_BUNDLE"] = str(folder / "ca.pem")
        os.environ["NO_PROXY"] = "*"
        server = Server(folder / "chain.pem")
        socket.getaddrinfo = resolver(HOST, ("127.0.0.1", server.port))
        try:
            yield server, str(folder / "ca.pem")
        finally:
            server.stop()


def messages(count: int) -> list[PushMessage]:
    """Messages as they are sent: each to a token of real length, with a text of its own."""
    return [
        PushMessage(
            token=f"{number:022}:{'A1b2C3d4' * 17}",
            title="Ann assigned you a task",
            body=f"Paint the fence, part {number}",
            collapse_id=f"{number:040}",
            channel="assigned",
            data={
                "notificationId": f"{number:040}",
                "category": "assigned",
                "link": f"/workspaces/w1/tasks/{number}",
                "workspaceId": "w1",
                "taskId": str(number),
            },
            badge=3,
            link=f"/workspaces/w1/tasks/{number}",
        )
        for number in range(count)
    ]


def measured(push: Push, batches: list[list[PushMessage]]) -> tuple[float, float, Counter[str]]:
    """Return the seconds it took, the CPU seconds it cost, and what came of them."""
    outcomes: Counter[str] = Counter()
    began, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        outcomes.update(result.outcome.value for result in push.send_all(batch))
    return time.perf_counter() - began, time.process_time() - cpu, outcomes


def main() -> None:
    """Print messages a second, CPU a message, and connections, for each sender."""
    logging.disable(logging.WARNING)  # urllib3 tells of each connection that its pool discards.
    clock, scale = SystemClock(), float(sys.argv[1]) if sys.argv[1:] else 1.0
    with serving() as (server, ca_file):
        url = f"https://localhost:{server.port}/v1/projects/{PROJECT}/messages:send"
        ours: dict[str, Any] = {"app_url": "https://app.example.com"}
        fast = FastPush(url, clock, EmulatorBearer(), Pause(clock), ca_file=ca_file, **ours)
        sdk = SdkPush(PROJECT, clock, Pause(clock), credential=_Credential(), **ours)
        sizes = {
            "send_each": (sdk, 100),
            "ours, one batch": (fast, 0),
            "ours, batches of 3": (fast, 3),
        }
        for _ in range(ROUNDS):
            for name, (push, size) in sizes.items():
                wanted = messages(max(100, int(MESSAGES[name] * scale)))
                step = size or len(wanted)
                batches = [wanted[at : at + step] for at in range(0, len(wanted), step)]
                wall_s, cpu_s, outcomes = measured(push, batches)
                print(
                    f"{name:20} {len(wanted) / wall_s:8,.0f} a second"
                    f" {cpu_s / len(wanted) * 1e6:7.1f} µs of a core each"
                    f" = {len(wanted) / cpu_s:8,.0f} a core and second,"
                    f" {server.connections():5} new connections  {dict(outcomes)}"
                )


if __name__ == "__main__":
    main()
