"""How queries, values and computed fields look in Firestore's REST API. No I/O."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

Document = Mapping[str, Any]


class Mark(Enum):
    """Field values that are computed or removed by Firestore."""

    REQUEST_TIME = "serverTimestamp() in the SDKs"
    DELETE = "deleteField() in the SDKs"


REQUEST_TIME = Mark.REQUEST_TIME
DELETE = Mark.DELETE
NOT_FINITE = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


@dataclass(frozen=True)
class Increment:
    """`increment(by)` in the SDKs."""

    by: int


@dataclass(frozen=True)
class ArrayUnion:
    """`arrayUnion(...values)` in the SDKs."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Query:
    """
    A structured query.

    `where` holds (field, operator, value) with Firestore's operator names, all of which must
    hold; with `any_of` one suffices. `order_by` holds field names, descending after a `-`.
    """

    where: tuple[tuple[str, str, Any], ...] = ()
    order_by: tuple[str, ...] = ()
    limit: int | None = None
    any_of: bool = False
    every_path: bool = False


def encode(value: Any) -> dict[str, Any]:
    """Write a Python value as Firestore's REST API wants it."""
    if value is None:
        return {"nullValue": None}
    for kind, write in ENCODERS.items():
        if isinstance(value, kind):
            return write(value)
    message = f"Firestore has no {type(value).__name__}"
    raise TypeError(message)


def unsigned_token(uid: str, provider: str = "password", **claims: Any) -> str:
    """Return an ID token that only an emulator believes."""
    payload = {
        "sub": uid,
        "user_id": uid,
        "firebase": {"sign_in_provider": provider},
        **claims,
    }
    return f"{_part({'alg': 'none'})}.{_part(payload)}."


def structured_query(collection: str, query: Query) -> dict[str, Any]:
    """Write a query on a collection's name; the path of its parent goes into the URL."""
    body: dict[str, Any] = {
        "from": [{"collectionId": collection, "allDescendants": query.every_path}],
        "orderBy": [_order(name) for name in query.order_by],
    }
    if query.where:
        operator = "OR" if query.any_of else "AND"
        filters = [_filter(*condition) for condition in query.where]
        body["where"] = {"compositeFilter": {"op": operator, "filters": filters}}
    if query.limit is not None:
        body["limit"] = query.limit
    return body


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def encode_fields(data: Document) -> dict[str, Any]:
    """Write the fields of a document or map."""
    return {name: encode(value) for name, value in data.items()}


def plain(data: Document) -> dict[str, Any]:
    """Leave out what Firestore computes or removes."""
    computed = Mark | Increment | ArrayUnion
    return {name: value for name, value in data.items() if not isinstance(value, computed)}


def nested(data: Document) -> dict[str, Any]:
    """Turn `{"a.b": 1}` into `{"a": {"b": 1}}`."""
    result: dict[str, Any] = {}
    for name, value in data.items():
        *parents, last = name.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return result


def transforms(data: Document) -> dict[str, Any]:
    """Write what Firestore computes."""
    found: list[dict[str, Any]] = []
    for name, value in data.items():
        match value:
            case Mark.REQUEST_TIME:
                found.append({"fieldPath": name, "setToServerValue": "REQUEST_TIME"})
            case Increment(by):
                found.append({"fieldPath": name, "increment": encode(by)})
            case ArrayUnion(values):
                missing = {"values": [encode(item) for item in values]}
                found.append({"fieldPath": name, "appendMissingElements": missing})
    return {"updateTransforms": found} if found else {}


def _order(name: str) -> dict[str, Any]:
    direction = "DESCENDING" if name.startswith("-") else "ASCENDING"
    return {"field": {"fieldPath": name.removeprefix("-")}, "direction": direction}


def _filter(name: str, operator: str, value: Any) -> dict[str, Any]:
    """Write one condition; `== null` as IS_NULL, like the SDKs, for a raw EQUAL proves nothing."""
    place = {"field": {"fieldPath": name}}
    if value is None:
        return {"unaryFilter": {**place, "op": "IS_NULL"}}
    return {"fieldFilter": {**place, "op": operator, "value": encode(value)}}


# Tried in this order: a bool is an int, and a string is a sequence.
ENCODERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    bool: lambda value: {"booleanValue": value},
    int: lambda value: {"integerValue": str(value)},
    float: lambda value: {"doubleValue": NOT_FINITE.get(str(value), value)},
    str: lambda value: {"stringValue": value},
    datetime: lambda value: {"timestampValue": value.isoformat().replace("+00:00", "Z")},
    Mapping: lambda value: {"mapValue": {"fields": encode_fields(value)}},
    Sequence: lambda value: {"arrayValue": {"values": [encode(item) for item in value]}},
}
