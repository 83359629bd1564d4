"""JSON Schemas that stand alone: of what is not a body or an answer of the API itself."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from backend.web.openapi.fields import ours

OPENAPI = "3.1.0"  # Whose schemas are JSON Schema 2020-12.


def json_schema(schema: Schema) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a schema loads, with nested ones in place."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda _: "")
    APISpec("", "", OPENAPI, plugins=[plugin])
    converter: Any = plugin.converter
    converter.add_attribute_function(ours)
    described: dict[str, Any] = converter.schema2jsonschema(schema)
    return described | {"additionalProperties": False}
