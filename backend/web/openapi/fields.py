"""What apispec cannot know of our fields: patterns, lengths, formats, types of enumerations."""

from collections.abc import Callable
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from backend.kit.ids import PATTERN
from backend.web.schemas import Id, OneOf, Text

ID = {
    "type": "string",
    # ECMA 262, as JSON Schema wants it: anchored, since a pattern there may match anywhere.
    "pattern": f"^{PATTERN.pattern}$",
    "minLength": 1,
    "maxLength": 128,
}
# Surrogates are left out: in UTF-8 they cannot stand alone, and not every engine takes them.
ONE_LINE = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$"
LINES = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
TYPES = {bool: "boolean", str: "string", int: "integer", type(None): "null"}


def ours(
    converter: OpenAPIConverter, field: fields.Field[Any], *, ret: dict[str, Any]
) -> dict[str, Any]:
    """Return what is to be added to, or replaced in, the description `ret` of a field."""
    if isinstance(field, Id):
        return {name: value for name, value in ID.items() if name != "type"}
    if isinstance(field, OneOf):
        resolve: Callable[[Schema], dict[str, Any]] = converter.resolve_nested_schema
        return {"oneOf": [*map(resolve, dict.fromkeys(field.schemas.values()))]}
    if isinstance(field, Text):
        return {"pattern": LINES if field.has_lines else ONE_LINE}
    if "enum" in ret:
        return {"type": _types_of(ret["enum"])}
    return {}


def _types_of(values: list[Any]) -> str | list[str]:
    types = sorted({TYPES[type(value)] for value in values})
    return types[0] if len(types) == 1 else types
