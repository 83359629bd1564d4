"""python -m local.cloudtasks: the stand-in as a process of the local stack."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from local.cloudtasks.clock import SystemClock
from local.cloudtasks.errors import ApiError, CannotStartError
from local.cloudtasks.model import RetryConfig
from local.cloudtasks.stand_in import CloudTasksStandIn

USAGE_ERROR = 2
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; return 0, or 2 when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        stand_in = _started(options)
    except CannotStartError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except ApiError as error:
        print(f"Cloud Tasks cannot start: {error.message}", file=sys.stderr)
        return USAGE_ERROR
    except OSError as error:
        print(f"Cloud Tasks cannot use {options.data_dir}: {error.strerror}.", file=sys.stderr)
        return USAGE_ERROR
    # Blocked before any thread starts, so that the signal waits for `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    with stand_in:
        _say(f"Cloud Tasks listens on {stand_in.address}, its page is {stand_in.control_url}/")
        signal.sigwait(STOP_SIGNALS)
    return 0


def _started(options: argparse.Namespace) -> CloudTasksStandIn:
    retry = RetryConfig(
        max_attempts=options.max_attempts,
        max_retry_duration_s=options.max_retry_duration_s,
        min_backoff_s=options.min_backoff_s,
        max_backoff_s=options.max_backoff_s,
        max_doublings=options.max_doublings,
    )
    return CloudTasksStandIn(
        data_dir=options.data_dir,
        port=options.port,
        control_port=options.control_port,
        queues=options.queue,
        retry=retry,
        log=_say_with_time,
    )


def _parser() -> argparse.ArgumentParser:
    standard = RetryConfig()
    parser = argparse.ArgumentParser(
        prog="python -m local.cloudtasks",
        description="Google Cloud Tasks for this machine: gRPC on one port, HTTP on another.",
    )
    add = parser.add_argument
    add("--port", type=int, default=8123, help="gRPC (default 8123)")
    add("--control-port", type=int, default=8124, help="certificates and control (default 8124)")
    add("--data-dir", type=Path, default=Path(".local/data/cloudtasks"), help="where it is kept")
    add("--queue", action="append", default=[], metavar="projects/P/locations/L/queues/Q",
        help="create this queue if it is missing; may be repeated")  # fmt: skip
    add("--max-attempts", type=int, default=standard.max_attempts, help="of new queues")
    add("--max-retry-duration-s", type=float, default=standard.max_retry_duration_s)
    add("--min-backoff-s", type=float, default=standard.min_backoff_s)
    add("--max-backoff-s", type=float, default=standard.max_backoff_s)
    add("--max-doublings", type=int, default=standard.max_doublings)
    return parser


def _say(line: str) -> None:
    # Whoever read our output may be gone; that is no reason to stop delivering.
    with contextlib.suppress(OSError):
        print(line, flush=True)


def _say_with_time(line: str) -> None:
    _say(f"{SystemClock().now():%H:%M:%S} {line}")


if __name__ == "__main__":
    sys.exit(main())
