"""
Finds the Firestore emulator's jar, in the order that the design names.

1. `FIRESTORE_EMULATOR_BINARY_PATH`  2. what firebase-tools downloaded earlier
3. an installed Google Cloud CLI     4. a download by firebase-tools, if the caller allows one

The Suite is never given the jar itself but a wrapper: firebase-tools marks the file it is given
as executable, which fails on files that belong to somebody else, and the Google Cloud CLI's jar
names no main class.
"""

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from local.problems import Problem

SETTING = "FIRESTORE_EMULATOR_BINARY_PATH"
MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
IN_CLOUD_CLI = Path("platform") / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
CLOUD_CLI_PLACES = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/opt/google-cloud-cli",
    "/snap/google-cloud-cli/current",
    "/opt/homebrew/share/google-cloud-sdk",
    "/usr/local/share/google-cloud-sdk",
    "~/google-cloud-sdk",
)
NOT_FOUND = (
    "The Firestore emulator's jar was not found: connect to the internet once and run "
    "`make install`, or install the Google Cloud CLI with its cloud-firestore-emulator "
    f"component, or name a jar in {SETTING}."
)

Download = Callable[[], None]


def wrapped_jar(folder: Path) -> Path:
    """
    Find the jar and return a jar in `folder` that starts it with `java -jar`.

    Raises:
        Problem: no jar was found, or the one found is broken.
    """
    jar = find_jar(os.environ, project_cache=folder)
    return wrap(jar, folder / "firestore-emulator.jar")


def find_jar(
    environment: Mapping[str, str],
    *,
    project_cache: Path,
    cloud_cli_places: Sequence[str] = CLOUD_CLI_PLACES,
    download: Download | None = None,
) -> Path:
    """
    Return the Firestore emulator's jar.

    `project_cache` is where `download` would leave one, `cloud_cli_places` where the Google Cloud
    CLI may be installed.

    Raises:
        Problem: there is none, or `FIRESTORE_EMULATOR_BINARY_PATH` names no file.
    """
    named = environment.get(SETTING)
    if named:
        if not Path(named).is_file():
            raise Problem(f"{SETTING} names {named}, which is not a file: correct or unset it.")
        return Path(named)
    look = partial(_already_here, environment, project_cache, cloud_cli_places)
    found = look()
    if found is None and download is not None:
        download()
        found = look()
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def wrap(jar: Path, wrapper: Path) -> Path:
    """
    Write `wrapper`, a jar with a manifest and nothing else, and return it.

    Raises:
        Problem: `jar` is not a jar, as after a download that was cut off.
    """
    main_class = _main_class(jar)
    lines = [
        "Manifest-Version: 1.0",
        f"Main-Class: {main_class}",
        f"Class-Path: {jar.resolve().as_uri()}",
    ]
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    unfinished = wrapper.with_suffix(f".{os.getpid()}.new")
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "".join(f"{_folded(line)}\r\n" for line in lines))
    unfinished.replace(wrapper)
    return wrapper


def _already_here(
    environment: Mapping[str, str], project_cache: Path, cloud_cli_places: Sequence[str]
) -> Path | None:
    folders = [project_cache]
    if environment.get("FIREBASE_EMULATORS_PATH"):
        folders.append(Path(environment["FIREBASE_EMULATORS_PATH"]))
    folders.append(_home(environment) / ".cache" / "firebase" / "emulators")
    jars = [jar for folder in folders for jar in folder.glob("cloud-firestore-emulator-*.jar")]
    if jars:
        return max(jars, key=_version)
    return next(
        (jar for jar in _in_cloud_cli(environment, cloud_cli_places) if jar.is_file()), None
    )


def _version(jar: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", jar.name)]


def _in_cloud_cli(environment: Mapping[str, str], places: Sequence[str]) -> Iterator[Path]:
    if environment.get("CLOUDSDK_ROOT_DIR"):
        yield Path(environment["CLOUDSDK_ROOT_DIR"]) / IN_CLOUD_CLI
    gcloud = shutil.which("gcloud", path=environment.get("PATH", ""))
    if gcloud:
        # Packages put a link into /usr/bin; the folder we want is where it leads.
        yield Path(gcloud).resolve().parent.parent / IN_CLOUD_CLI
    for place in places:
        yield Path(place.replace("~", str(_home(environment)), 1)) / IN_CLOUD_CLI


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())


def _main_class(jar: Path) -> str:
    try:
        with zipfile.ZipFile(jar) as archive:
            manifest = archive.read("META-INF/MANIFEST.MF").decode()
    except KeyError:
        return MAIN_CLASS
    except (OSError, zipfile.BadZipFile) as error:
        raise Problem(
            f"The Firestore emulator's jar {jar} cannot be read ({error}): delete it and run "
            "`make install` to fetch it again."
        ) from error
    match = re.search(r"^Main-Class: *(\S+)", manifest, re.MULTILINE)
    return match.group(1) if match else MAIN_CLASS


def _folded(line: str) -> str:
    """Fold a manifest line: at most 72 bytes each, and what continues starts with a blank."""
    return "\r\n ".join(line[at : at + 70] for at in range(0, len(line), 70))
