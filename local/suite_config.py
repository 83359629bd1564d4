"""Writes the Suite's own firebase.json: the committed one, with ports and folders as set here."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.folders import ROOT
from local.health import HOST
from local.ports import free_ports
from local.problems import Problem

NEWEST_RUNTIME = 14  # firebase-tools knows python311 to python314.


@dataclass(frozen=True, slots=True)
class SuitePorts:
    """The ports of the Emulator Suite, all on 127.0.0.1."""

    auth: int
    firestore: int
    firestore_websocket: int
    functions: int
    eventarc: int
    tasks: int
    hub: int
    logging: int

    @classmethod
    def free(cls) -> "SuitePorts":
        """Pick ports that are free now."""
        return cls(*free_ports(8))


def committed_config() -> dict[str, Any]:
    """Return the firebase.json of the project."""
    return dict(json.loads((ROOT / "firebase.json").read_text()))


def rules_file() -> Path:
    """
    Return the committed Firestore rules.

    Raises:
        Problem: they are missing, which the emulator would take for "everybody may do anything".
    """
    rules = ROOT / str(committed_config()["firestore"]["rules"])
    if not rules.is_file():
        raise Problem(f"The Firestore rules {rules} are missing: restore that file.")
    return rules


def write_config(folder: Path, ports: SuitePorts, only: Sequence[str], *, rules: Path) -> Path:
    """
    Write `firebase.json` into `folder` and return its path.

    firebase-tools takes the folder of its configuration for the project's, so whatever the
    committed file names relative to the root is named relative to `folder` here.
    """
    committed = committed_config()
    config = {
        # Outside of what it takes for the project, rules need an absolute path.
        "firestore": {"rules": str(rules.resolve())},
        "functions": [_codebase(codebase, folder) for codebase in committed["functions"]],
        "emulators": _emulators(committed["emulators"], ports, only),
    }
    path = folder / "firebase.json"
    path.write_text(json.dumps(config, indent=2))
    return path


def runtime() -> str:
    """Return the name of the Functions runtime that is this Python, or the newest there is."""
    return f"python3{min(sys.version_info.minor, NEWEST_RUNTIME)}"


def _codebase(committed: dict[str, Any], folder: Path) -> dict[str, Any]:
    # Functions' folders are joined to the project's, so their paths can only be relative.
    source = os.path.relpath(ROOT / committed["source"], folder.resolve())
    return committed | {"source": source, "runtime": runtime()}


def _emulators(committed: dict[str, Any], ports: SuitePorts, only: Sequence[str]) -> dict[str, Any]:
    emulators = {
        name: {"host": HOST, "port": getattr(ports, name)}
        for name in (
            *only,
            "hub",
            "logging",
            *(("eventarc", "tasks") if "functions" in only else ()),
        )
    }
    if "firestore" in only:
        emulators["firestore"]["websocketPort"] = ports.firestore_websocket
    return {
        "singleProjectMode": committed["singleProjectMode"],
        "ui": {"enabled": False},
        **emulators,
    }
