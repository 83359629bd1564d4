"""`python -m local.fcm`: run the FCM stand-in until Ctrl-C or SIGTERM."""

import sys
from argparse import ArgumentParser

from local.fcm.standin import SETTING, FcmStandIn
from local.serving.command import add_port, run_until_stopped


def main() -> int:
    """Parse the arguments, run, and return the exit code."""
    parser = ArgumentParser(prog="python -m local.fcm", description="A stand-in for FCM HTTP v1.")
    add_port(parser, "--port", setting=SETTING, default=8125)
    port: int = parser.parse_args().port
    return run_until_stopped(
        lambda: FcmStandIn(port), lambda fcm: f"FCM stand-in: {fcm.url}/ (API, control, inbox page)"
    )


if __name__ == "__main__":
    sys.exit(main())
