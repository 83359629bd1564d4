"""
Firestore's values as JSON, and back, without losing what they were.

What JSON has stands as it is. What it lacks is a map of one member whose name begins with `$`:
`{"$timestamp": "2026-11-21T09:30:00.000000Z"}`, `$bytes` (base64), `$double` (NaN, Infinity,
-Infinity), `$integer` (beyond 2^53, as text), and `$map` around a map of one such member.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

SAFE = 2**53  # What every reader of JSON can hold.
SMALLEST, LARGEST = -(2**63), 2**63 - 1  # What Firestore can.
DEEPEST = 20  # As many as Firestore allows.
LONGEST_NAME = 1500
RESERVED = re.compile("__.*__", re.DOTALL)


def line_of(*, path: str, data: Mapping[str, Any]) -> bytes:
    """Return a document as one line of canonical JSON, its end included."""
    fields = {name: tagged(inner) for name, inner in data.items()}
    line = {"path": path, "data": fields}
    text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def tagged(value: Any) -> Any:  # noqa: PLR0911 - one line for each type.
    """Return a value of Firestore as JSON has it."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= SAFE else {"$integer": str(value)}
        case float():
            return value if math.isfinite(value) else {"$double": _spelt(value)}
        case datetime():
            return {"$timestamp": _written(value)}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case Mapping():
            inner = {str(name): tagged(each) for name, each in value.items()}
            return {"$map": inner} if _looks_tagged(inner) else inner
        case list() | tuple():
            return [tagged(each) for each in value]
        case _:  # Nothing of ours: a document of an app's own making is still its owner's.
            return {"$unknown": type(value).__name__}


def untagged(value: Any, depth: int = 0) -> Any:
    """
    Return what a JSON value stands for.

    Raises:
        ValueError: it stands for nothing that we write, or that Firestore would take.
    """
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    match value:
        case dict() if _looks_tagged(value):
            ((tag, inner),) = value.items()
            return _read(tag, inner, depth)
        case dict():
            return {_name(name): untagged(inner, depth + 1) for name, inner in value.items()}
        case list():
            if any(isinstance(inner, list) for inner in value):
                raise ValueError("Firestore has no lists of lists")
            return [untagged(inner, depth + 1) for inner in value]
        case _:
            return _plain(value)


def untagged_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the fields of a document, which is never a tag itself.

    Raises:
        ValueError: one of them stands for nothing.
    """
    return {_name(name): untagged(inner) for name, inner in data.items()}


def renamed(value: Any, old: str, new: str) -> Any:
    """Return a value in which one id is another: wherever it stands alone, or in an app's link."""
    match value:
        case str() if value.startswith("/"):
            return "/".join(new if part == old else part for part in value.split("/"))
        case str():
            return new if value == old else value
        case dict():
            return {
                (new if name == old else name): renamed(inner, old, new)
                for name, inner in value.items()
            }
        case list():
            return [renamed(inner, old, new) for inner in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    match value:
        case str():
            value.encode()  # Halves of characters are none.
        case float() if not math.isfinite(value):
            raise ValueError("JSON has no such number")
        case int() if abs(value) > SAFE:
            raise ValueError("an integer that large is text")
    return value


def _read(tag: str, inner: Any, depth: int) -> Any:
    if tag == "$map":
        if not isinstance(inner, dict):
            raise ValueError("$map holds a map")
        return {_name(name): untagged(each, depth + 1) for name, each in inner.items()}
    if tag not in READERS or not isinstance(inner, str):
        raise ValueError("there is no such tag")
    return READERS[tag](inner)


def stored_bytes(value: Any) -> int:
    """Return about how much room a value takes in Firestore, by its own rules for sizes."""
    match value:
        case str():
            return len(value.encode("utf-8", "surrogatepass")) + 1
        case bytes():
            return len(value)
        case None | bool():
            return 1
        case Mapping():
            return sum(stored_bytes(name) + stored_bytes(each) for name, each in value.items())
        case list() | tuple():
            return sum(map(stored_bytes, value))
        case _:
            return 8


def _name(name: str) -> str:
    if not 1 <= len(name.encode()) <= LONGEST_NAME or RESERVED.fullmatch(name):
        raise ValueError("a name that Firestore refuses")
    return name


def _looks_tagged(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("$")


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def _instant(text: str) -> datetime:
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    if _written(at) != text:
        raise ValueError("written otherwise")
    return at


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _spelt(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _double(text: str) -> float:
    if text not in ("NaN", "Infinity", "-Infinity"):
        raise ValueError("a number is written as one")
    return float(text.replace("Infinity", "inf"))


def _integer(text: str) -> int:
    if not text.removeprefix("-").isascii() or len(text) > 20:
        raise ValueError("no integer")
    value = int(text)
    if not SMALLEST <= value <= LARGEST or abs(value) <= SAFE or str(value) != text:
        raise ValueError("no such integer")
    return value


READERS: dict[str, Callable[[str], Any]] = {
    "$timestamp": _instant,
    "$bytes": _bytes,
    "$double": _double,
    "$integer": _integer,
}
