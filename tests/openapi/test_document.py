"""`/openapi.json`: a valid description that says what is needed of every operation."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

from backend.web.catalogue import english
from tests.openapi.conftest import committed
from tests.openapi.service import Service

PUBLIC = ("/healthz", "/livez", "/readyz")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the API, with its path and method."""
    for path, item in committed()["paths"].items():
        for method, operation in item.items():
            if method != "parameters" and path not in PUBLIC:
                yield path, method, operation


def _lacking(is_there: Any) -> list[str]:
    return [f"{method} {path}" for path, method, each in operations() if not is_there(method, each)]


class TestDocument:
    """What tools need in order to read it."""

    def test_it_is_valid_openapi(self):
        """By the schema of OpenAPI 3.1, and with every reference leading somewhere."""
        assert [] == list(OpenAPIV31SpecValidator(committed()).iter_errors())

    def test_anybody_may_read_it_and_keep_it(self, service: Service):
        """It is public, and its tag spares the second download."""
        first = requests.get(f"{service.url}/openapi.json", timeout=60)
        second = requests.get(
            f"{service.url}/openapi.json",
            headers={"If-None-Match": first.headers["ETag"]},
            timeout=60,
        )

        assert "public, max-age=300" == first.headers["Cache-Control"]
        assert "application/json" == first.headers["Content-Type"]
        assert [200, 304] == [first.status_code, second.status_code]

    def test_every_operation_has_a_name_of_its_own(self):
        """Generated clients name their methods after it."""
        names = [operation["operationId"] for _, _, operation in operations()]

        assert len(set(names)) == len(names)
        assert all(name.isidentifier() for name in names)

    def test_tags_are_described(self):
        """Each operation belongs to a chapter, and each chapter says what it is about."""
        chapters = {tag["name"]: tag["description"] for tag in committed()["tags"]}

        assert all(chapters.values())
        assert [] == _lacking(lambda _, each: set(each["tags"]) <= set(chapters))


class TestOperations:
    """What a developer needs to know of each."""

    def test_each_is_explained(self):
        """In a sentence, and in some more."""
        assert [] == _lacking(lambda _, each: each.get("summary") and each.get("description"))

    def test_each_shows_an_answer(self):
        """An example of the success at once, unless it has no body."""

        def shows(_: str, operation: dict[str, Any]) -> bool:
            answers = operation["responses"]
            answer = answers[min(status for status in answers if status[0] == "2")]
            return all("example" in content for content in answer.get("content", {}).values())

        assert [] == _lacking(shows)

    def test_each_body_has_an_example(self):
        """For each form in which it is taken."""

        def shows(_: str, operation: dict[str, Any]) -> bool:
            contents = operation.get("requestBody", {}).get("content", {})
            return all("example" in content for content in contents.values())

        assert [] == _lacking(shows)

    @pytest.mark.parametrize(
        ("statuses", "methods"),
        [
            ("400 401 403 406 408 414 429 431 500 503 504", "get post put patch delete"),
            ("304", "get"),
            ("409 413 415 422", "post put patch delete"),
        ],
    )
    def test_each_lists_its_problems(self, statuses: str, methods: str):
        """A status that can come is described."""
        wanted = set(statuses.split())

        assert [] == _lacking(
            lambda method, each: method not in methods or wanted <= set(each["responses"])
        )

    def test_what_changes_something_takes_an_idempotency_key(self):
        """Every POST, PATCH and DELETE of people: a key is somebody's."""
        key = {"$ref": "#/components/parameters/IdempotencyKey"}

        assert [] == _lacking(
            lambda method, each: (
                method in ("get", "put") or each.get("security") == [] or key in each["parameters"]
            )
        )

    def test_problems_are_problem_documents(self):
        """Each shared problem has its media type, its schema, and an example of every code."""
        shared = committed()["components"]["responses"]
        contents = [each["content"] for name, each in shared.items() if name != "NotModified"]
        codes = {
            code for content in contents for code in content["application/problem+json"]["examples"]
        }

        assert set(english().problems) == codes


class TestBeforeTheApplication:
    """What the server refuses by itself looks like every other problem."""

    @pytest.mark.parametrize(
        ("query", "headers", "status", "code"),
        [
            ("?" + "x" * 10_000, {}, 414, "uri-too-long"),
            ("", {"X-Long": "x" * 70_000}, 431, "headers-too-large"),
        ],
    )
    def test_more_than_is_read_is_a_problem(
        self, service: Service, document: dict[str, Any], query, headers, status: int, code: str
    ):
        """As described for every operation."""
        answer = requests.get(f"{service.url}/livez{query}", headers=headers, timeout=60)
        described = document["paths"]["/api/v1/users/me"]["get"]["responses"]

        assert (status, code) == (answer.status_code, answer.json()["code"])
        assert "application/problem+json" == answer.headers["Content-Type"]
        assert str(status) in described


class TestSchemas:
    """What is asked for is described as strictly as it is checked."""

    def test_bodies_refuse_what_they_do_not_know(self):
        """And answers may have more one day."""
        schemas = committed()["components"]["schemas"]
        closed = {name for name, each in schemas.items() if "additionalProperties" in each}

        assert {"NewTask", "TaskChanges", "Due", "NewSeries", "NewWorkspace"} <= closed
        assert not {"Task", "TaskPage", "Series", "Problem", "Workspace"} & closed

    def test_answers_say_what_is_always_there(self):
        """A client need not ask whether a task has a title."""
        task = committed()["components"]["schemas"]["Task"]

        assert set(task["properties"]) == set(task["required"])

    def test_ids_in_paths_have_a_pattern_and_a_meaning(self):
        """Every path parameter of every operation; emoji are too many for a pattern."""
        found = [
            each for item in committed()["paths"].values() for each in item.get("parameters", ())
        ]

        assert found
        assert all(each["description"] for each in found)
        assert {"emoji"} == {each["name"] for each in found if "pattern" not in each["schema"]}
