"""
`python3 -m local.install`: install what the project needs. Does nothing if nothing has changed.

This file runs on whatever Python the machine calls python3, so its syntax is that of old ones.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write(
        "TaskFlow needs Python 3.11 or newer, but "
        + (sys.executable or "python3")
        + " is "
        + sys.version.split()[0]
        + ": install a newer one, and name it if need be, as in `make run PYTHON=python3.12`.\n"
    )
    sys.exit(2)

from local.installation.command import main

if __name__ == "__main__":
    sys.exit(main())
