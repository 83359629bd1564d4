"""Remembers what was installed, so that only a change installs again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

NAME = ".taskflow-installed"


def digest(files: Iterable[Path], *facts: str) -> str:
    """Return a digest of the files' contents and of further facts."""
    total = hashlib.sha256("\0".join(facts).encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def python_digest(root: Path) -> str:
    """
    Return a digest of what decides the contents of `.venv`.

    Its scripts hold its own path, and its folders the version of the Python it links to.
    """
    python = root / ".venv" / "bin" / "python"
    files = ("requirements.txt", "requirements-dev.txt", "functions/requirements.txt")
    return digest([root / file for file in files], str(root), str(python.resolve()))


def node_digest(root: Path) -> str:
    """Return a digest of what decides the contents of `node_modules`."""
    return digest([root / file for file in ("package.json", "package-lock.json", ".npmrc")])


def is_current(folder: Path, wanted: str) -> bool:
    """Say whether `folder` was completely installed from what `wanted` is the digest of."""
    try:
        return (folder / NAME).read_text() == wanted
    except OSError:
        return False


def record(folder: Path, wanted: str) -> None:
    """Remember that `folder` is complete. The stamp lies in it, and is deleted with it."""
    (folder / NAME).write_text(wanted)


def forget(folder: Path) -> None:
    """Forget that `folder` is complete, because it is about to change."""
    (folder / NAME).unlink(missing_ok=True)
