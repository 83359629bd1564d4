"""Files that must stay small, and files that must agree."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from backend.app import CALLERS
from backend.commands.describe import ERRORS_PATH, OPENAPI_PATH, errors_text, openapi_text
from backend.settings import TEST_MATERIAL, read_settings
from local.settings import PORTS, setting_of
from local.settings import read_settings as read_local_settings
from tests.architecture.source import ROOT, python_files

LONGEST_FILE = 400
SETTING = re.compile(r'env\.\w+\(\s*(?:"([A-Z_]+)"|([A-Z_]+))')


class TestSize:
    """One file, one reason to exist."""

    def test_no_file_is_longer_than_a_person_reads(self):
        """Split by use case near 250 lines; 400 is refused."""
        tops = ("backend", "functions", "local", "tests", "bench")
        lengths = {path: len(path.read_text().splitlines()) for path in python_files(*tops)}

        assert {path.name: n for path, n in lengths.items() if n > LONGEST_FILE} == {}

    def test_no_file_is_called_utils(self):
        """A name that says nothing collects everything."""
        found = python_files("backend", "functions", "local", "tests")

        assert [path for path in found if path.stem in ("utils", "helpers", "common", "misc")] == []


class TestAgreement:
    """Where two files must say the same, a test says so."""

    def test_every_setting_is_explained(self):
        """`.env.example` lists exactly what the settings of service and local stack read."""
        read = {setting_of(port) for port in PORTS}
        for path in (ROOT / "backend/settings.py", ROOT / "local/settings.py"):
            source = path.read_text()
            read |= {name or _constant(source, other) for name, other in SETTING.findall(source)}

        assert read == set(_explained())

    def test_the_defaults_explained_are_the_defaults(self, monkeypatch: pytest.MonkeyPatch):
        """Uncommenting a line of `.env.example` changes nothing."""
        for name in (*_explained(), *TEST_MATERIAL):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "taskflow")
        monkeypatch.setenv("WORKER_URL", "https://worker.example.com")
        monkeypatch.setenv("WORKER_SERVICE_ACCOUNT", "jobs@taskflow.example.com")
        monkeypatch.setenv("SIGNING_SECRET", "x" * 32)
        nowhere = Path("/nonexistent/.env")
        defaults = read_settings(), read_local_settings(nowhere)

        for name, value in _explained().items():
            if value:
                monkeypatch.setenv(name, value)

        assert defaults == (read_settings(), read_local_settings(nowhere))

    def test_the_committed_openapi_is_what_the_service_serves(self):
        """After a change of the API: `make openapi`."""
        assert OPENAPI_PATH.read_text() == openapi_text()

    def test_the_committed_list_of_problems_is_what_the_catalogue_says(self):
        """After a change of the catalogue: `make openapi`."""
        assert ERRORS_PATH.read_text() == errors_text()

    @pytest.mark.parametrize("package", ["swagger-ui-dist", "redoc"])
    def test_the_pages_for_the_reference_are_those_of_the_pinned_packages(self, package: str):
        """After a change of package.json: copy them from `node_modules` again."""
        installed = ROOT / "node_modules" / package
        kept = sorted((ROOT / "backend/web/reference" / package).iterdir())
        differing = [
            path.name
            for path in kept
            if path.read_bytes() not in [found.read_bytes() for found in installed.rglob(path.name)]
        ]

        assert "LICENSE" in [path.name for path in kept]
        assert differing == []

    def test_every_route_declares_who_may_call_it(self):
        """A blueprint that is not in the table lets nobody in."""
        described = json.loads(OPENAPI_PATH.read_text())["paths"]

        assert described
        assert {"accounts", "workspaces", "tasks", "series", "health", "internal"} <= set(CALLERS)

    def test_the_lock_file_records_no_download_addresses(self):
        """It must work with any mirror."""
        assert '"resolved"' not in (ROOT / "package-lock.json").read_text()

    def test_nothing_secret_or_built_is_tracked(self):
        """What a machine makes for itself stays on it."""
        tracked = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()

        refused = re.compile(r"(^|/)(\.env|node_modules|\.venv|.*\.pem|.*-key\.json)(/|$)")
        assert [path for path in tracked if refused.search(path)] == []


def _explained() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    settings = [line[1:].partition("=") for line in lines if re.match(r"#[A-Z_]+=", line)]
    return {name: value for name, _, value in settings}


def _constant(source: str, name: str) -> str:
    return re.search(rf'^{name} = "([A-Z_]+)"', source, re.MULTILINE)[1]
