"""Where firebase-tools is, and what keeps it from asking the network or the user's home folder."""

from pathlib import Path

from local.folders import ROOT
from local.problems import Problem

# Callers add XDG_CONFIG_HOME, where it keeps log-ins and settings: never the user's own.
QUIET = {"CI": "true", "NO_UPDATE_NOTIFIER": "1"}


def firebase_script() -> Path:
    """
    Return the script that `node` runs.

    Raises:
        Problem: it is not installed.
    """
    script = ROOT / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"
    if not script.is_file():
        raise Problem("firebase-tools is not installed: run `make install`.")
    return script
