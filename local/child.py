"""One child process of the stack: with a mark and a log file of its own, away from the terminal."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.marked import MARK, end_marked

KEPT_LOG_BYTES = 5_000_000  # Older output than this is dropped when a child starts.
LAST_LINES = 8


class Child:
    """
    A running program.

    Its session keeps the terminal's Ctrl-C away from it: in which order children stop is the
    stack's decision. Its mark, in its environment, finds its descendants when it has gone.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self._mark = env[MARK]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            if output.tell() > KEPT_LOG_BYTES:
                output.truncate(0)
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also the process group's."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def ending(self) -> str:
        """How the program ended, in words: `exit code 1`, `killed by signal 9`."""
        code = self._process.poll()
        if code is None:
            return "still running"
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, which passes on what its own children need."""
        if self.is_running:
            self._process.send_signal(number)

    def stop(self, *, within_s: float, by: signal.Signals = signal.SIGTERM) -> bool:
        """
        Ask the program to end, and kill it if it takes longer than `within_s`.

        Returns whether it ended by itself. None of its descendants is left either way.
        """
        self.send(by)
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            in_time = False
        else:
            in_time = True
        self.kill()
        return in_time

    def kill(self) -> None:
        """Kill the program and all its descendants at once."""
        if self.is_running:
            self._process.kill()
        self._process.wait()
        end_marked(self._mark)

    def last_lines(self, count: int = LAST_LINES) -> str:
        """Return the end of what the program said since it was started."""
        return "\n".join(self.output().splitlines()[-count:])

    def output(self) -> str:
        """Return what the program said since it was started."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")
