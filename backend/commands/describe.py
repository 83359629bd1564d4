"""Write what is made from the code: `openapi.json` and `docs/errors.md`."""

import argparse
import json
from pathlib import Path
from typing import Any

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.settings import Mode, Settings
from backend.web.catalogue import english

ROOT = Path(__file__).parents[2]
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


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `describe` to the command line."""
    commands.add_parser("describe", help="write openapi.json and docs/errors.md").set_defaults(
        run=lambda _: _write()
    )


def _write() -> int:
    for path, text in ((OPENAPI_PATH, openapi_text()), (ERRORS_PATH, errors_text())):
        path.write_text(text, encoding="utf-8")
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
