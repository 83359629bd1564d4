"""
Commands for people: `python -m backend.cli openapi errors` writes what is made from the code.

`openapi` is the API's description, `errors` the list of its problems.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.kit.logging import configure_logging
from backend.settings import Mode, Settings
from backend.web.catalogue import english

ROOT = Path(__file__).parent.parent
OPENAPI_PATH = ROOT / "openapi.json"
ERRORS_PATH = ROOT / "docs" / "errors.md"

ERRORS_BEGIN = """\
# Problems

Every error is an RFC 9457 document, `application/problem+json`:
`type title status detail instance code requestId`, and `errors` with a JSON pointer, a code and a
sentence for each value at fault, 50 at the most. `code` never changes; `title` and `detail` are for
people, in the language of `Accept-Language` where we have it (English and German). `type` is the
address of a page that explains the code.

| status | `code` | what it means, and what helps |
|---|---|---|
"""


def openapi_text() -> str:
    """Return the OpenAPI 3.1 description of the API, as committed in `openapi.json`."""
    app = create_app(build_services(OFFLINE, build_ports(OFFLINE)))
    document: Any = app.test_client().get("/openapi.json").get_json()
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def errors_text() -> str:
    """Return the list of problems, as committed in `docs/errors.md`."""
    rows = [
        f"| {problem.status} | `{problem.code}` | {problem.means} {problem.helps} |\n"
        for problem in english().problems.values()
    ]
    return ERRORS_BEGIN + "".join(rows)


COMMANDS = {
    "openapi": (OPENAPI_PATH, openapi_text),
    "errors": (ERRORS_PATH, errors_text),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the commands given, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m backend.cli", description=__doc__)
    parser.add_argument("commands", nargs="+", choices=COMMANDS)
    chosen = parser.parse_args(arguments)
    configure_logging("error")
    for path, text in (COMMANDS[command] for command in chosen.commands):
        path.write_text(text(), encoding="utf-8")
        print(f"Wrote {path.relative_to(ROOT)}.")
    return 0


# Enough to describe the application, which connects to nothing before it is called.
OFFLINE = Settings(
    mode=Mode.DEVELOPMENT,
    project_id="demo-offline",
    worker_url="http://127.0.0.1",
    worker_service_account="jobs@demo-offline.iam.gserviceaccount.com",
    signing_secret="",
    firestore_emulator_host="127.0.0.1:1",
    auth_emulator_host="127.0.0.1:1",
    jobs_emulator_host="127.0.0.1:1",
)


if __name__ == "__main__":
    sys.exit(main())
