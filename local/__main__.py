"""`python -m local`: run the local stack until Ctrl-C or SIGTERM."""

import argparse
import contextlib
import secrets
import sys
import time

from local.data_folder import DataFolder
from local.guardian import Guardian
from local.jar_download import download_jar, is_jar_here
from local.ports import holder_of, is_free
from local.problems import EXIT_CODE, Problem
from local.progress import Progress
from local.ready import ready_text
from local.running import write_description
from local.settings import LocalSettings, read_settings, setting_of
from local.stack import Stack, StopRequested
from local.stop_requests import StopRequests


def main() -> int:
    """Run, and return the exit code: 0 after a stop somebody asked for, 2 after a problem."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The local stack.")
    parser.add_argument(
        "--with-parent",
        action="store_true",
        help="stop when the program that started this one ends, however it ends",
    )
    parser.add_argument(
        "--brief", action="store_true", help="leave out the table of addresses when ready"
    )
    options = parser.parse_args()
    mark = secrets.token_hex(6)
    is_stop_requested = StopRequests(mark, with_parent=options.with_parent)
    try:
        _run(read_settings(), mark, is_stop_requested, is_brief=options.brief)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return EXIT_CODE
    except OSError as error:
        print(f"\n{error.filename or 'A file'}: {error.strerror}. Correct that.", file=sys.stderr)
        return EXIT_CODE
    except StopRequested:
        print("Stopped before TaskFlow was ready.")
    return 0


def _run(
    settings: LocalSettings, mark: str, is_stop_requested: StopRequests, *, is_brief: bool
) -> None:
    started_at = time.monotonic()
    data = DataFolder(settings.data_dir, mark=mark)
    if data.left_over:
        _say(f"Ended {data.left_over} processes that an earlier stack left behind.")
    with contextlib.closing(data), Guardian(mark):
        _check_ports(settings)
        stack = Stack(settings, data, mark=mark, is_stop_requested=is_stop_requested)
        try:
            with Progress() as progress:
                progress.say("Starting TaskFlow:")
                _bring_jar(progress, is_stop_requested)
                stack.start(progress)
            description = write_description(settings, mark)
            try:
                took_s = time.monotonic() - started_at
                _say(f"\nTaskFlow is ready ({took_s:.1f} s).\n")
                if not is_brief:
                    _say(ready_text(settings))
                stack.run(_say)
            finally:
                _say("\nStopping …")
                description.unlink(missing_ok=True)
        finally:
            stop_asked_at = time.monotonic()
            stack.stop(_say)
    _say(f"Stopped in {time.monotonic() - stop_asked_at:.1f} s.")


def _check_ports(settings: LocalSettings) -> None:
    faults = []
    for name, port in settings.ports.items():
        if not is_free(port):
            holder = holder_of(port) or "another program"
            faults.append(
                f"Port {port} is taken by {holder}: stop it, or set {setting_of(name)} to another."
            )
    if faults:
        raise Problem("\n".join(faults))


def _bring_jar(progress: Progress, is_stop_requested: StopRequests) -> None:
    if not is_jar_here():
        name = "Firestore emulator"
        progress.begin(name, "downloading some 130 MB, this once")
        try:
            download_jar(gave_up=is_stop_requested)
        except Problem:
            if is_stop_requested():
                raise StopRequested from None
            raise
        progress.done(name)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # The terminal may be gone; a stop must go on.
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
