"""The folder with a stack's data: used by one stack at a time, and never half written."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import TextIO

from local.marked import end_marked
from local.problems import Problem


class DataFolder:
    """
    The data of one stack: the Suite's export, Cloud Tasks' queue, stored files, a secret.

    Opening it takes a lock that the operating system gives back however the program ends.
    """

    def __init__(self, path: Path, *, mark: str) -> None:
        """
        Open the folder for the stack whose processes carry `mark`.

        Raises:
            Problem: it cannot be written, or another stack uses it.
        """
        self.path = path
        self.left_over = 0
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = (path / "lock").open("a+", encoding="utf-8")
            self._take(mark)
            self._settle()
        except OSError as error:
            raise Problem(
                f"The data folder {path} cannot be used ({error.strerror or error}): make it "
                "writable, or name another one in LOCAL_DATA_DIR."
            ) from error

    @property
    def suite(self) -> Path:
        """The Emulator Suite's last export."""
        return self.path / "firebase"

    @property
    def storage(self) -> Path:
        """Cloud Storage's files."""
        return self.path / "storage"

    @property
    def cloud_tasks(self) -> Path:
        """Cloud Tasks' queue."""
        return self.path / "cloudtasks"

    def signing_secret(self) -> str:
        """Return the secret that signs page tokens, the same in every run."""
        return signing_secret_in(self.path)

    def close(self) -> None:
        """Let other stacks use the folder."""
        self._lock.truncate(0)
        self._lock.close()

    def _take(self, mark: str) -> None:
        earlier = _read(self._lock)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise Problem(
                f"TaskFlow is already running on the data folder {self.path} (process "
                f"{earlier.get('pid', 'unknown')}): use that one, or stop it first, or name "
                "another folder in LOCAL_DATA_DIR and other ports."
            ) from None
        if "mark" in earlier:  # That stack was killed; its guardian may still be at it.
            self.left_over = end_marked(earlier["mark"])
        self._lock.truncate(0)
        self._lock.write(json.dumps({"pid": os.getpid(), "mark": mark}))
        self._lock.flush()

    def _settle(self) -> None:
        # A stack that was killed between the two renames of an export left the older one here.
        earlier = self.suite.with_name(f"{self.suite.name}.old")
        if earlier.exists() and not self.suite.exists():
            earlier.rename(self.suite)


def signing_secret_in(path: Path) -> str:
    """Return the signing secret of the data in a folder; it is made when it is first asked for."""
    file = path / "page-token-secret"
    if not file.exists():
        unfinished = file.with_suffix(".new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
        unfinished.replace(file)
    return file.read_text()


def _read(lock: TextIO) -> dict[str, str]:
    lock.seek(0)
    try:
        return dict(json.loads(lock.read() or "{}"))
    except ValueError:
        return {}
