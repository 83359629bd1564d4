"""JSON Schemas of the collections in an archive, made from `shapes.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "[A-Za-z0-9_-]{1,128}"

INSTANT = {
    "type": "object",
    "required": ["$timestamp"],
    "additionalProperties": False,
    "properties": {
        "$timestamp": {
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
        }
    },
}
# JSON has one kind of number: 1.0 is whole to most readers, and a double to Firestore.
KINDS: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "instant": INSTANT,
    "map": {"type": "object"},
    "list": {"type": "array"},
    "any": {},
}


@cache
def schemas() -> Mapping[str, dict[str, Any]]:
    """Return the schema of a line of each collection, by its name: `users.notifications`."""
    text = files(__package__).joinpath("shapes.toml").read_text(encoding="utf-8")
    return {name: _line(name, fields) for name, fields in tomllib.loads(text).items()}


@cache
def validator(collection: str) -> Draft202012Validator:
    """Return what checks the lines of a collection."""
    return Draft202012Validator(schemas()[collection])


def collection_of(path: str) -> str:
    """Return the name of the collection of a document: `users.notifications` of its path."""
    return ".".join(path.split("/")[::2])


def _line(name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    pattern = "/".join(f"{part}/{ID}" for part in name.split("."))
    required = [field for field in fields if not field.endswith("?")]
    return {
        "$schema": DIALECT,
        "title": name,
        "type": "object",
        "required": ["path", "data"],
        "additionalProperties": False,
        "properties": {
            "path": {"type": "string", "pattern": f"^{pattern}$"},
            "data": {
                "type": "object",
                "required": required,
                "additionalProperties": False,
                "properties": {
                    field.removesuffix("?"): _kind(kind) for field, kind in fields.items()
                },
            },
        },
    }


def _kind(kind: str) -> dict[str, Any]:
    bare = kind.removesuffix("?")
    schema = KINDS.get(bare) or ({} if bare == "any" else {"enum": bare.split("|")})
    return {"anyOf": [{"type": "null"}, schema]} if kind.endswith("?") else schema
