"""The installer's command line: what to do, in which order, and what to say."""

import argparse
import fcntl
import sys
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TextIO

from local.folders import LOCAL, LOGS, ROOT
from local.guardian import Guardian
from local.installation.programs import Programs
from local.installation.steps import Steps
from local.jar_download import download_jar, is_jar_here
from local.problems import EXIT_CODE, Problem
from local.progress import Progress

INTERRUPTED = 130


def main() -> int:
    """Install what is missing, and return the exit code: 0, or 2 after a problem."""
    parser = argparse.ArgumentParser(prog="python3 -m local.install")
    parser.add_argument(
        "--verbose", action="store_true", help="say so when there is nothing to install"
    )
    options = parser.parse_args()
    try:
        _install(is_asked_for=options.verbose)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return EXIT_CODE
    except OSError as error:
        where = error.filename or ROOT
        print(f"{where} cannot be written ({error.strerror}): correct that.", file=sys.stderr)
        return EXIT_CODE
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    return 0


def _install(*, is_asked_for: bool) -> None:
    programs = Programs(LOGS)
    progress = Progress()
    steps = Steps(ROOT, programs, progress)
    is_current = steps.is_python_current() and steps.is_node_current()
    if is_current and not is_asked_for:
        return
    started_at = time.monotonic()
    LOCAL.mkdir(exist_ok=True)
    # Two at once would spoil each other's work; the second then finds nothing to do.
    with (LOCAL / "install.lock").open("w") as lock, progress:
        _take(lock, progress)
        if not is_current:
            progress.say("Installing what TaskFlow needs, all of it into this folder:")
        with Guardian(programs.mark):  # A killed installer must not leave npm at work.
            _both(steps, programs)
        _bring_jar(progress)
    took_s = time.monotonic() - started_at
    print("Everything is installed." if is_current else f"Installed in {took_s:.0f} s.")


def _take(lock: TextIO, progress: Progress) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress.say("Waiting for another installation in this folder to finish.")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _both(steps: Steps, programs: Programs) -> None:
    node = steps.choose_node()
    if node is None:  # Then Node.js itself comes with the Python packages, and npm must wait.
        steps.install_python()
        steps.install_node(steps.bring_node())
        return
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(steps.install_python), pool.submit(steps.install_node, node)]
        try:
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        except BaseException:
            programs.end()  # Leaving the pool waits for the other one.
            raise


def _bring_jar(progress: Progress) -> None:
    if is_jar_here():
        return
    name = "Firestore emulator"
    progress.begin(name, "downloading some 130 MB, this once")
    try:
        download_jar()
    except Problem as problem:
        # Not fatal: whatever needs no emulator works, and `make run` will ask again.
        progress.say(f"  {problem}")
    else:
        progress.done(name)
