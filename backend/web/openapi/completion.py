"""
Makes a whole description of what flask-smorest says of each operation by itself.

It works on the document, not on apispec's objects: what is added follows from what is there.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from backend.web.openapi.health import TAG, probes
from backend.web.openapi.shared import (
    ALWAYS,
    LIMITS,
    components,
    headers,
    parameter,
    path_parameter,
    response,
)

Part = dict[str, Any]

PREFIX = "#/components/schemas/"
OPTIONAL = "x-optional"  # Of a field that not every answer has.
MERGE_PATCH = "application/merge-patch+json"
ONCE = ("post", "patch", "delete")
CHANGING = (*ONCE, "put")
ANY = (400, 406, 408, 414, 429, 431, 500, 503, 504)  # What every operation may answer.


def completed(document: Part) -> Part:
    """Return the description of the API with everything its operations have in common."""
    whole = deepcopy(document)
    own = whole["components"]
    whole["components"] = {**own, **components()}
    whole["paths"] |= probes()
    whole["tags"].append(TAG)
    for item in whole["paths"].values():
        _describe_path(item)
        for method, operation in _operations(item):
            _describe(operation, method)
    asked = set(_schemas_of(own["schemas"], [op.get("requestBody") for op in _all(whole)]))
    answered = set(_schemas_of(own["schemas"], [whole["components"]["responses"]]))
    answered |= set(_schemas_of(own["schemas"], [op["responses"] for op in _all(whole)]))
    whole["components"]["schemas"] = {
        name: schema if name in asked else _open(schema)
        for name, schema in own["schemas"].items()
        if name in asked | answered
    }
    return whole


def _describe_path(item: Part) -> None:
    for each in item.get("parameters", ()):
        each.update(path_parameter(each["name"]))


def _describe(operation: Part, method: str) -> None:
    is_public = operation.get("security") == []
    is_probe = is_public and TAG["name"] in operation["tags"]
    parameters = operation.setdefault("parameters", [])
    answers = operation["responses"]
    content = operation.get("requestBody", {}).get("content", {})
    if method == "patch" and content:
        content[MERGE_PATCH] = content["application/json"]
    if not is_probe:
        asked = _request_headers(method, answers, is_public)
        parameters += [parameter(name) for name in asked]
    for each in parameters:
        _keep_example(each)
    for status, answer in answers.items():
        if "$ref" not in answer:
            own = answer.setdefault("headers", {})
            own.update(headers(*ALWAYS, *_response_headers(method, status, operation, is_probe)))
            own.update(_tag(method, answer, answers, is_probe=is_probe))
    answers.pop("default", None)
    for status in _statuses(operation, method, is_probe):
        answers[str(status)] = response(status)
    if method == "get" and not is_probe:
        answers["304"] = {"$ref": "#/components/responses/NotModified"}
    operation["responses"] = dict(sorted(answers.items()))


def _keep_example(query: Part) -> None:
    """Say what a filter may look like where Swagger UI does not fill in all of them at once."""
    if (example := query.get("schema", {}).pop("example", None)) is None:
        return
    text = ",".join(example) if isinstance(example, list) else str(example)
    query["x-example"] = text
    query["description"] = f"{query['description']} For example `{text}`."


def _request_headers(method: str, answers: Part, is_public: bool) -> Iterator[str]:
    if method in ONCE and not is_public:
        yield "IdempotencyKey"
    if "412" in answers:
        yield "IfMatch"
    if method == "get":
        yield "IfNoneMatch"
    yield "AppCheck"


def _response_headers(method: str, status: str, operation: Part, is_probe: bool) -> Iterator[str]:
    if is_probe:
        return
    yield from LIMITS
    if method in ONCE and operation.get("security") != []:
        yield "Idempotent-Replayed"
    if status == "201":
        yield "Location"
    if method in CHANGING and operation.get("security") != []:
        yield "Undo-Token"
    if any(each.get("name") == "pageToken" for each in operation["parameters"]):
        yield "Link"


def _tag(method: str, answer: Part, answers: Part, *, is_probe: bool) -> Part:
    is_read = method == "get" and not is_probe
    has_one = is_read or ("412" in answers and _shows_a_revision(answer))
    return headers("ETag") if has_one else {}


def _shows_a_revision(answer: Part) -> bool:
    """Say whether an answer is something that counts its revisions, by its example."""
    contents = answer.get("content", {}).values()
    return any("rev" in content.get("example", {}) for content in contents)


def _statuses(operation: Part, method: str, is_probe: bool) -> Iterator[int]:
    if is_probe:
        yield from (500, 503, 504)
        return
    # 404 without anything in the path, too: nothing is there for a guest whose time is over.
    yield from (*ANY, 401, 403, 404)
    if method != "get":
        yield from (409, 413, 415, 422)
    elif any(each.get("in") == "query" for each in operation["parameters"]):
        yield 422
    if "412" in operation["responses"]:
        yield 412


def _open(schema: Part) -> Part:
    """Return the schema of an answer: it has all of this, and may have more one day."""
    whole = {name: value for name, value in schema.items() if name != "additionalProperties"}
    properties: Part = schema.get("properties", {})
    # Our own mark, which is not part of the description.
    required = sorted(name for name, each in properties.items() if not each.pop(OPTIONAL, False))
    return {"required": required, **whole}


def _schemas_of(schemas: Part, parts: Any) -> Iterator[str]:
    """Yield the names of all schemas that `parts` refer to, also by way of others."""
    found: list[str] = []
    waiting = [parts]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            ref = str(part.get("$ref", ""))
            name = ref.removeprefix(PREFIX)
            if ref.startswith(PREFIX) and name not in found:
                found.append(name)
                waiting.append(schemas[name])
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    yield from found


def _operations(item: Part) -> Iterator[tuple[str, Part]]:
    return ((method, each) for method, each in item.items() if method != "parameters")


def _all(document: Part) -> list[Part]:
    return [each for item in document["paths"].values() for _, each in _operations(item)]
