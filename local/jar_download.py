"""Lets firebase-tools download the Firestore emulator's jar, into the project's own folder."""

import os
import secrets

from local.child import Child
from local.emulator_jar import NOT_FOUND, find_jar
from local.environment import child_environment
from local.firebase_tools import QUIET, firebase_script
from local.folders import EMULATORS, LOGS
from local.health import Check, wait_until
from local.node import find_node
from local.problems import Problem

WITHIN_S = 900.0
LOG = LOGS / "firestore-download.log"


def is_jar_here() -> bool:
    """
    Say whether the jar need not be downloaded.

    Raises:
        Problem: `FIRESTORE_EMULATOR_BINARY_PATH` names no file.
    """
    try:
        find_jar(os.environ, project_cache=EMULATORS)
    except Problem as problem:
        if str(problem) == NOT_FOUND:
            return False
        raise
    return True


def download_jar(gave_up: Check = lambda: False) -> None:
    """
    Download the jar, some 130 MB, unless `gave_up` says meanwhile that nobody wants it any more.

    Raises:
        Problem: it is not here, most often because there is no network.
    """
    EMULATORS.mkdir(parents=True, exist_ok=True)
    download = Child(
        "download",
        [str(find_node()), str(firebase_script()), "setup:emulators:firestore"],
        cwd=EMULATORS,
        env=child_environment(secrets.token_hex(6))
        | QUIET
        | {
            "XDG_CONFIG_HOME": str(EMULATORS / "config"),
            "FIREBASE_EMULATORS_PATH": str(EMULATORS),
        },
        log=LOG,
    )
    try:
        wait_until(lambda: not download.is_running, within_s=WITHIN_S, gave_up=gave_up)
    finally:
        download.kill()
    if not is_jar_here():
        raise Problem(f"{NOT_FOUND} The download failed: see {LOG}.")
