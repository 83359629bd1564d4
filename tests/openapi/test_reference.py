"""`/docs` and `/redoc`: from our own files, where they are wanted."""

import re

import pytest
import requests

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.commands.describe import OFFLINE
from tests.openapi.service import Service

LOADED = re.compile(r'(?:src|href)="([^"]+)"')


class TestReference:
    """The two pages."""

    @pytest.mark.parametrize("page", ["/docs", "/redoc"])
    def test_a_page_loads_what_we_serve_and_nothing_else(self, service: Service, page: str):
        """Every script and style is there, under our own address."""
        answer = requests.get(service.url + page, timeout=60)
        loaded = [path for path in LOADED.findall(answer.text) if path != "data:,"]
        files = [requests.get(service.url + path, timeout=60) for path in loaded]

        assert 3 == len(files)
        assert all(path.startswith("/docs/") for path in loaded)
        assert {200} == {file.status_code for file in files}
        assert {"text/css; charset=utf-8", "text/javascript; charset=utf-8"} == {
            file.headers["Content-Type"] for file in files
        }

    @pytest.mark.parametrize("page", ["/docs", "/redoc"])
    def test_the_browser_is_told_to_ask_nobody_else(self, service: Service, page: str):
        """No script of a page can send a pasted token anywhere but here."""
        answer = requests.get(service.url + page, timeout=60)
        policy = answer.headers["Content-Security-Policy"].split("; ")

        assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)
        assert [] == [rule for rule in policy if "http" in rule or "*" in rule]

    @pytest.mark.parametrize("name", ["pages.py", "swagger.html", "..%2fpages.py", "LICENSE"])
    def test_only_what_the_pages_need_is_served(self, service: Service, name: str):
        """Not whatever else lies in the folder."""
        assert 404 == requests.get(f"{service.url}/docs/{name}", timeout=60).status_code

    @pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/swagger-ui-bundle.js"])
    def test_they_are_absent_unless_wanted(self, path: str):
        """The description itself is always there."""
        caller = create_app(build_services(OFFLINE, build_ports(OFFLINE))).test_client()

        assert 404 == caller.get(path).status_code
        assert 200 == caller.get("/openapi.json").status_code
