"""Commands for people: `python -m backend.cli openapi` writes the API's description."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.kit.logging import configure_logging
from backend.settings import Mode, Settings

OPENAPI_PATH = Path(__file__).parent.parent / "openapi.json"


def openapi_text() -> str:
    """Return the OpenAPI 3.1 description of the API, as committed in `openapi.json`."""
    app = create_app(build_services(_OFFLINE, build_ports(_OFFLINE)))
    document: Any = app.test_client().get("/openapi.json").get_json()
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m backend.cli", description=__doc__)
    parser.add_argument("command", choices=["openapi"])
    parser.parse_args(arguments)
    configure_logging("error")
    OPENAPI_PATH.write_text(openapi_text())
    print(f"Wrote {OPENAPI_PATH.name}.")
    return 0


# Enough to describe the application, which connects to nothing before it is called.
_OFFLINE = Settings(
    mode=Mode.DEVELOPMENT,
    project_id="demo-offline",
    worker_url="http://127.0.0.1",
    worker_service_account="jobs@demo-offline.iam.gserviceaccount.com",
    page_token_secret="",
    firestore_emulator_host="127.0.0.1:1",
    auth_emulator_host="127.0.0.1:1",
    jobs_emulator_host="127.0.0.1:1",
)


if __name__ == "__main__":
    sys.exit(main())
