"""Where the local stack keeps what it fetches, writes and remembers: all of it under `.local`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
EMULATORS = LOCAL / "emulators"  # The Firestore emulator's jar, if it had to be fetched.
RECORDED_NODE = LOCAL / "install" / "node"  # The path of the node that `make install` chose.
