"""The environment of the stack's programs: this one's, without what would lead them astray."""

import os
from collections.abc import Mapping
from pathlib import Path

from local.marked import MARK

# Would point a program at somebody's real project, another emulator or a debugger.
LEFT_OUT = (
    "CLOUD_TASKS_EMULATOR_HOST",
    "DEBUG",
    "FIREBASE_AUTH_EMULATOR_HOST",
    "FIREBASE_CONFIG",
    "FIREBASE_EMULATOR_HUB",
    "FIREBASE_TOKEN",
    "FIRESTORE_EMULATOR_HOST",
    "GCLOUD_PROJECT",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "PYTHONHOME",
    "PYTHONPATH",
    "STORAGE_EMULATOR_HOST",
    "_JAVA_OPTIONS",
)
ON_THIS_MACHINE = "127.0.0.1,localhost"


def child_environment(mark: str, *, path: tuple[Path, ...] = ()) -> dict[str, str]:
    """Return the environment for a child that carries `mark`, with `path` searched first."""
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    environment[MARK] = mark
    environment["PATH"] = os.pathsep.join([*map(str, path), environment.get("PATH", os.defpath)])
    for name in ("NO_PROXY", "no_proxy"):  # Our own servers are never behind a proxy.
        environment[name] = _joined(environment, name)
    return environment


def _joined(environment: Mapping[str, str], name: str) -> str:
    known = environment.get(name)
    return f"{known},{ON_THIS_MACHINE}" if known else ON_THIS_MACHINE
