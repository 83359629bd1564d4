"""
How Google's front end reads JSON into protocol buffers: the kinds of field, and what it refuses.

A kind takes a value, its path and the list of violations; it returns the value with snake_case
names and without nulls, or reports what is wrong. Like the real one it reports everything at once.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.fcm.errors import Violation

Kind = Callable[[Any, str, list[Violation]], Any]

_DURATION = re.compile(r"-?\d{1,12}(\.\d{1,9})?s")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_INT32 = range(-(2**31), 2**31)


def text(value: Any, path: str, out: list[Violation]) -> Any:
    """A string."""
    return value if isinstance(value, str) else _invalid(value, path, "TYPE_STRING", out)


def flag(value: Any, path: str, out: list[Violation]) -> Any:
    """A boolean."""
    return value if isinstance(value, bool) else _invalid(value, path, "TYPE_BOOL", out)


def whole(value: Any, path: str, out: list[Violation]) -> Any:
    """A 32-bit integer."""
    good = isinstance(value, int) and not isinstance(value, bool) and value in _INT32
    return value if good else _invalid(value, path, "TYPE_INT32", out)


def real(value: Any, path: str, out: list[Violation]) -> Any:
    """A floating-point number."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return value if good else _invalid(value, path, "TYPE_FLOAT", out)


def duration(value: Any, path: str, out: list[Violation]) -> Any:
    """Seconds as a string that ends in "s", such as "3.5s"."""
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return value
    reason = "Illegal duration format; duration must end with 's'"
    return _invalid_well_known(value, path, "Duration", reason, out)


def timestamp(value: Any, path: str, out: list[Violation]) -> Any:
    """An RFC 3339 instant."""
    if isinstance(value, str) and _TIMESTAMP.fullmatch(value):
        return value
    return _invalid_well_known(value, path, "Timestamp", f"Invalid time format: {value}", out)


def struct(value: Any, path: str, out: list[Violation]) -> Any:
    """Any JSON object, kept as it is."""
    good = isinstance(value, dict)
    return value if good else _invalid(value, path, _type_name("protobuf.Struct"), out)


def text_map(value: Any, path: str, out: list[Violation]) -> Any:
    """An object whose values are strings."""
    if not isinstance(value, dict):
        return _invalid(value, path, "map<string, string>", out)
    for index, entry in enumerate(value.values()):
        text(entry, f"{path}[{index}].value", out)
    return value


def repeated(kind: Kind) -> Kind:
    """A list of values of one kind."""

    def parse(value: Any, path: str, out: list[Violation]) -> Any:
        values = value if isinstance(value, list) else [value]  # The front end takes one as well.
        return [kind(entry, f"{path}[{index}]", out) for index, entry in enumerate(values)]

    return parse


def enum(name: str, *values: str) -> Kind:
    """One of some names, in any case: the Admin SDK sends the priorities in lower case."""

    def parse(value: Any, path: str, out: list[Violation]) -> Any:
        if isinstance(value, str) and value.upper() in values:
            return value.upper()
        return _invalid(value, path, _type_name(f"firebase.fcm.v1.{name}"), out)

    return parse


def message(name: str, fields: Mapping[str, Kind], *, target: Sequence[str] = ()) -> Kind:
    """An object with known fields, under their snake_case or camelCase names."""
    known = {alias: field for field in fields for alias in (field, _camel_case(field))}

    def parse(value: Any, path: str, out: list[Violation]) -> Any:
        if not isinstance(value, dict):
            return _invalid(value, path, _type_name(f"firebase.fcm.v1.{name}"), out)
        parsed: dict[str, Any] = {}
        for key, entry in value.items():
            field = known.get(key)
            if field is None:
                out.append(_unknown(key, path, "Cannot find field."))
            elif entry is None:
                continue  # Null means absent.
            elif field in target and any(other in parsed for other in target):
                out.append(_already_set(path, field))
            else:
                parsed[field] = fields[field](entry, f"{path}.{field}" if path else field, out)
        return parsed

    return parse


def _invalid(value: Any, path: str, kind: str, out: list[Violation]) -> None:
    parent, _, name = path.rpartition(".")
    if isinstance(value, list):
        out.append(_unknown(name, parent, "Proto field is not repeating, cannot start list."))
    elif isinstance(value, dict):
        out.append(_unknown(name, parent, "Starting an object on a scalar field"))
    else:
        description = f"Invalid value at '{path}' ({kind}), {json.dumps(value)}"
        out.append(Violation(path, description))


def _invalid_well_known(
    value: Any, path: str, kind: str, reason: str, out: list[Violation]
) -> None:
    if not isinstance(value, str):
        return _invalid(value, path, _type_name(f"protobuf.{kind}"), out)
    field = _camel_case(path.rpartition(".")[2])
    place = f"'{path}' ({_type_name(f'protobuf.{kind}')})"
    out.append(Violation(path, f"Invalid value at {place}, Field '{field}', {reason}"))
    return None


def _unknown(name: str, parent: str, reason: str) -> Violation:
    where = f" at '{parent}'" if parent else ""
    description = f'Invalid JSON payload received. Unknown name "{name}"{where}: {reason}'
    return Violation(parent, description)


def _already_set(path: str, field: str) -> Violation:
    reason = f"oneof field 'target' is already set. Cannot set '{_camel_case(field)}'"
    return Violation(path, f"Invalid value at '{path}' (oneof), {reason}")


def _type_name(name: str) -> str:
    return f"type.googleapis.com/google.{name}"


def _camel_case(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
