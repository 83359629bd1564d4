"""`python -m local.mail`: run the mail catcher until Ctrl-C or SIGTERM."""

import sys
from argparse import ArgumentParser

from local.mail.standin import SETTING, SMTP_SETTING, MailStandIn
from local.serving.command import add_port, run_until_stopped


def main() -> int:
    """Parse the arguments, run, and return the exit code."""
    parser = ArgumentParser(prog="python -m local.mail", description="A mail catcher.")
    add_port(parser, "--smtp-port", setting=SMTP_SETTING, default=1025)
    add_port(parser, "--port", setting=SETTING, default=8126)
    arguments = parser.parse_args()
    return run_until_stopped(
        lambda: MailStandIn(arguments.smtp_port, arguments.port),
        lambda mail: (
            f"Mail catcher: {mail.url}/ (inbox page, control), "
            f"smtp://{mail.smtp_address[0]}:{mail.smtp_address[1]}"
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
