"""Every operation of the API, as `openapi.json` describes it, with a good request for each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend.commands.describe import OPENAPI_PATH

Place = tuple[str | int, ...]
PLACEHOLDER = "\ufdd0here\ufdd0"


@dataclass(frozen=True)
class Route:
    """An operation. `example` is a body that it takes, `places` are the fields of its schema."""

    method: str
    path: str
    query: tuple[str, ...]
    example: dict[str, Any] | None
    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the variable parts of its path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    def target(self, ids: dict[str, bytes]) -> bytes:
        """Its path with these ids in it, whatever bytes they are."""
        pieces = re.split(r"{(\w+)}", self.path)
        return b"".join(
            ids.get(piece, b"some-id") if at % 2 else piece.encode()
            for at, piece in enumerate(pieces)
        )

    def body(self, changes: dict[Place, bytes] | None = None, more: bytes = b"") -> bytes | None:
        """The example with JSON texts put in at some places, and a member added to it."""
        if self.example is None:
            return b"{%s}" % more if more else None
        content = json.loads(json.dumps(self.example))
        changes = changes or {}
        for number, place in enumerate(changes):
            _put(content, place, f"{PLACEHOLDER}{number}")
        text = json.dumps(content).encode()
        for number, value in enumerate(changes.values()):
            text = text.replace(json.dumps(f"{PLACEHOLDER}{number}").encode(), value)
        if more:
            text = text[:-1] + (b", " if content else b"") + more + b"}"
        return text


def routes() -> list[Route]:
    """Return every operation of the committed description."""
    document = json.loads(OPENAPI_PATH.read_text())
    return [
        _route(document, method.upper(), path, operation)
        for path, operations in document["paths"].items()
        if path.startswith("/api/")
        for method, operation in operations.items()
        if method in ("get", "put", "post", "patch", "delete")
    ]


def _route(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Route:
    parameters = [_resolved(document, each) for each in operation.get("parameters", [])]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    schema = _resolved(document, content["schema"]) if content else {}
    return Route(
        method,
        path,
        query=tuple(each["name"] for each in parameters if each["in"] == "query"),
        example=_example(document, content) if content else None,
        places=tuple(_places(document, schema)),
    )


def _example(document: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    if "example" in content:
        return content["example"]
    if "examples" in content:
        return next(iter(content["examples"].values()))["value"]
    made: dict[str, Any] = _made(document, content["schema"])
    return made


def _made(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    schema = _resolved(document, schema)
    if "properties" in schema:
        return {name: _made(document, each) for name, each in schema["properties"].items()}
    if "example" in schema or "enum" in schema:
        return schema.get("example", schema.get("enum", [None])[0])
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    return {"integer": 1, "boolean": True, "array": []}.get(kind, "text")


def _places(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[Place]:
    for name, each in _resolved(document, schema).get("properties", {}).items():
        yield (name,)
        inner = _resolved(document, each)
        yield from ((name, *place) for place in _places(document, inner))
        if "items" in inner:
            yield (name, 0)


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if "$ref" not in schema:
        return schema
    found: Any = document
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(document, found)


def _put(content: dict[str, Any], place: Place, value: str) -> None:
    first, *rest = place
    if not rest:
        content[first] = value
    elif isinstance(rest[0], int):
        content[first] = [value]
    else:
        inner = content.get(first)
        content[first] = inner = inner if isinstance(inner, dict) else {}
        _put(inner, tuple(rest), value)
