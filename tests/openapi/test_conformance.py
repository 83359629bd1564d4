"""
Schemathesis calls every operation in every way its description allows, and in many it does not.

As four callers, against a process of its own. `make fuzz` (`--long`) does the same for longer.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from backend.commands.describe import OPENAPI_PATH
from tests.openapi.service import Person, Service
from tests.openapi.test_examples import Things

ROLES = ["anonymous", "stranger", "admin", "owner"]  # Who can do more comes later.
# What is generated besides the examples and the cases at the limits of each schema.
SHORT, LONG = 4, 300
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]
ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


IS_LONG = "--long" in sys.argv  # Schemathesis makes its tests before there are fixtures.

schema = schemathesis.openapi.from_path(
    OPENAPI_PATH,
    config=SchemathesisConfig.from_dict(
        {
            "generation": {
                "deterministic": not IS_LONG,
                "max-examples": LONG if IS_LONG else SHORT,
                "with-security-parameters": False,
            },
            "checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}},
            "phases": {"coverage": {"generate-duplicate-query-parameters": True}},
        }
    ),
)


@dataclass
class Callers:
    """Four callers, and something of the owner's for each operation to work on."""

    service: Service
    document: dict[str, Any]
    session: requests.Session = field(default_factory=requests.Session)
    # Others for each operation: nobody belongs to more than fifty workspaces.
    people: dict[str, dict[str, Person]] = field(default_factory=dict)
    made: dict[str, dict[str, str]] = field(default_factory=dict)
    turns: Iterator[str] = field(default_factory=lambda: cycle(ROLES[:-1]))

    def for_next_case(self) -> list[str]:
        """Everybody; in the short form the owner, and the others by turns."""
        return ROLES if IS_LONG else [next(self.turns), "owner"]

    def ids_for(self, operation: str) -> dict[str, str]:
        """One of everything, anew for each operation: some of them take things away."""
        if operation not in self.made:
            people = {role: self.service.person(role) for role in ROLES if role != "anonymous"}
            things = Things(self.service, people["owner"], self.document)
            things.join(people["admin"], "admin")
            if "/admin/" in operation or "/v1/jobs" in operation:
                self.service.appoint(people["owner"])
            self.people[operation], self.made[operation] = people, things.ids
        return self.made[operation]

    def send(self, case: Any, role: str) -> None:
        """Send a case, mostly to what exists; whatever comes back must be as described."""
        ids = self.ids_for(case.operation.label)
        case.path_parameters = {
            name: ids.get(name, value) if ID.fullmatch(str(value)) and value != "me" else value
            for name, value in (case.path_parameters or {}).items()
        }
        people = self.people[case.operation.label]
        headers = people[role].headers if role in people else {}
        case.call_and_validate(
            base_url=self.service.url, session=self.session, headers=headers, checks=CHECKS
        )


@pytest.fixture(scope="module")
def callers(service: Service, document: dict[str, Any]) -> Callers:
    return Callers(service, document)


@pytest.mark.timeout(4 * 3600)
@schema.parametrize()
def test_answers_are_as_described(case, callers: Callers):
    """No server error, no status, header, type or shape that the description does not have."""
    for role in callers.for_next_case():
        try:
            callers.send(case, role)
        except Exception as error:
            error.add_note(f"This was the {role}.")
            raise
