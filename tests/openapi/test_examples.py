"""The examples in the description are sent to the service, and its answers compared with it."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.openapi.service import Person, Service
from tests.openapi.test_document import operations

OPERATIONS = list(operations())
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
WORKSPACES, TEAM = "/api/v1/workspaces", "/api/v1/workspaces/{workspace}"


class Things:
    """A workspace with one of everything that a path can name, made anew for each example."""

    def __init__(self, service: Service, owner: Person, document: dict[str, Any]) -> None:
        self._owner = owner
        self._paths = document["paths"]
        member = service.person("bob")
        self.ids = {"uid": member.uid, "device_id": "phone"}
        self.ids["workspace"] = self._make("post", WORKSPACES)["id"]
        self._make("put", f"{TEAM}/members/{{uid}}")
        self._make("put", "/api/v1/users/me/devices/{device_id}")
        self.ids["task_id"] = self._make("post", f"{TEAM}/tasks")["id"]
        self.ids["series_id"] = self._make("post", f"{TEAM}/series")["id"]

    def _make(self, method: str, path: str) -> dict[str, Any]:
        body = example_body(self._paths[path][method])
        answer = self._owner.call(method, path.format(**self.ids), json=body)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def ann(service: Service) -> Person:
    return service.person("ann")


def example_body(operation: dict[str, Any]) -> Any:
    """The example of a request body, or None where there is no body."""
    content = operation.get("requestBody", {}).get("content", {})
    return content["application/json"]["example"] if content else None


def success(operation: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status of an operation that succeeds, and how its answer is described."""
    ((status, answer),) = (
        (int(status), answer)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    )
    return status, answer


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Say what in `value` is not as `schema` describes it, properties it does not name too."""
    whole = {"$ref": "#/$defs/it", "$defs": {"it": schema}, "components": _closed(document)}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    closed = {
        name: {**schema, "additionalProperties": False}
        for name, schema in document["components"]["schemas"].items()
    }
    return {"schemas": closed}


class TestExamples:
    """What stands in the reference works when it is tried."""

    @pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)
    def test_the_service_takes_and_gives_what_the_example_shows(
        self, service, document, ann, path, method, operation
    ):
        """Sent by the owner of everything the path names, it succeeds in the form described."""
        things = Things(service, ann, document)
        status, described = success(operation)

        answer = ann.call(method, path.format(**things.ids), json=example_body(operation))

        assert status == answer.status_code, answer.text
        assert set() == {name for name in described["headers"] if name not in answer.headers} - {
            "Idempotent-Replayed"
        }
        if "content" not in described:
            assert b"" == answer.content
            return
        ((media_type, content),) = described["content"].items()
        assert media_type == answer.headers["Content-Type"]
        assert [] == faults(document, content["schema"], answer.json())
        assert [] == faults(document, content["schema"], content["example"])

    @pytest.mark.parametrize(
        ("path", "operation"),
        [(path, each) for path, method, each in OPERATIONS if method == "patch"],
        ids=[each["operationId"] for _, method, each in OPERATIONS if method == "patch"],
    )
    def test_a_merge_patch_may_say_what_it_is(self, service, document, ann, path, operation):
        """`application/merge-patch+json` is taken like `application/json`."""
        things = Things(service, ann, document)

        answer = ann.call(
            "patch",
            path.format(**things.ids),
            json=example_body(operation),
            headers={"Content-Type": "application/merge-patch+json"},
        )

        assert success(operation)[0] == answer.status_code, answer.text

    @pytest.mark.parametrize(
        ("path", "parameter"),
        [
            (path, parameter)
            for path, _, operation in OPERATIONS
            for parameter in operation["parameters"]
            if parameter.get("in") == "query" and "x-example" in parameter
        ],
        ids=lambda value: value if isinstance(value, str) else value["name"],
    )
    def test_the_examples_of_filters_are_served(self, service, document, ann, path, parameter):
        """Each alone, on a list of a few things."""
        things = Things(service, ann, document)
        query = {parameter["name"]: parameter["x-example"]}

        answer = ann.call("get", path.format(**things.ids), params=query)

        assert 200 == answer.status_code, answer.text
