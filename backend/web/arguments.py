"""What a view declares to take, and how webargs reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import marshmallow
from flask import Request, g
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from backend.kit.errors import Fault, InvalidArgument
from backend.web.json_gate import pointer_to
from backend.web.schemas import CONTROL


@dataclass(frozen=True, slots=True)
class Declared:
    """What a view's `arguments` declare: query parameters, those that may repeat, and a body."""

    parameters: frozenset[str] = frozenset()
    repeatable: frozenset[str] = frozenset()
    takes_body: bool = False
    needs_body: bool = False


class StrictParser(FlaskParser):
    """Takes the body as the JSON gate has read it. The gate has also checked the query's names."""

    def load_json(self, _request: Request, _schema: marshmallow.Schema) -> Any:
        """Return the body. Without one, where that is allowed, fields have their defaults."""
        return g.get("json_body", {})


@cache
def declared_by(view: Callable[..., Any]) -> Declared:
    """Return what flask-smorest has noted on a view. Asked for on every request, so kept."""
    noted = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    fields: dict[str, marshmallow.fields.Field[Any]] = {}
    bodies = [each for each in noted if each["in"] == "json"]
    for each in noted:
        if each["in"] == "query":
            fields |= {one.data_key: one for one in each["schema"].fields.values()}
    return Declared(
        parameters=frozenset(fields),
        repeatable=frozenset(name for name, one in fields.items() if _may_repeat(one)),
        takes_body=bool(bodies),
        needs_body=any(each["required"] for each in bodies),
    )


def _may_repeat(field: "marshmallow.fields.Field[Any]") -> bool:
    # As webargs decides it: a delimited list has its values in one parameter.
    is_list = isinstance(field, marshmallow.fields.List)
    return bool(getattr(field, "is_multiple", is_list))


def check_query(query: "MultiDict[str, str]", declared: Declared) -> None:
    """
    Check the names of query parameters, and that their values are text.

    Raises:
        InvalidArgument: one is not declared (`unknown-field`), or given twice, or holds control
            characters (`validation-failed`).
    """
    faults = [fault for name, values in query.lists() if (fault := _fault(name, values, declared))]
    if faults:
        is_unknown = all(fault.code == "unknown-field" for fault in faults)
        raise InvalidArgument(
            "See `errors` for each parameter at fault.",
            code="unknown-field" if is_unknown else None,
            faults=tuple(faults),
        )


def _fault(name: str, values: list[str], declared: Declared) -> Fault | None:
    pointer = pointer_to((None, name))
    if name not in declared.parameters:
        return Fault(pointer, "unknown-field", "There is no such parameter here.")
    if len(values) > 1 and name not in declared.repeatable:
        return Fault(pointer, "invalid", "Give this parameter once.")
    if any(map(CONTROL.search, values)):
        return Fault(pointer, "invalid", "This parameter has control characters.")
    return None
