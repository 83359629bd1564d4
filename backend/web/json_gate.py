"""The one way from a request's bytes to JSON values. What it lets through breaks nothing."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from backend.kit.errors import InvalidArgument

MAX_DEPTH = 32  # Firestore's own is 20, and Python's parser recurses.
MAX_VALUES = 50_000  # 400 tasks of a batch have fewer.
MAX_KEY_BYTES = 1500  # Of a Firestore field's name.
MAX_INTEGER = 2**53  # Beyond it JavaScript, and with it every app, rounds.
MAX_DIGITS = 17  # 2**53 has 16, and a sign before it.

# A string that never ends runs to the end of the body: to fail there would make the search start
# again at each later quotation mark, which takes time by the square of the body's length.
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
NOT_STRUCTURE = bytes(set(range(256)) - set(b"[]{},"))
OPENING, CLOSING = b"[{", b"]}"
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")


class _Fault:
    """Stands in the parsed value for something we refuse, until its place is known."""

    def __init__(self, detail: str, key: str | None = None) -> None:
        self.detail = detail
        self.key = key


# Where a value is: the place of what it lies in, and its key or index. None is the whole body.
_Place = tuple["_Place | None", str | int] | None


def read_json(body: bytes) -> Any:
    """
    Return the JSON value (RFC 8259) that a request's body holds.

    Strings and keys in it can be stored, numbers are exact, keys are unique, and no more than
    `MAX_DEPTH` arrays and objects lie in each other.

    Raises:
        InvalidArgument: it is anything else (`malformed-request`); the pointer of the fault names
            the value, where the body could be read that far.
    """
    if body.startswith(BYTE_ORDER_MARKS):
        _refuse("The body begins with a byte-order mark. Send UTF-8 without one.")
    _check_structure(body)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        _refuse(f"The body is not UTF-8 at byte {error.start}.")
    if not text.strip(" \t\r\n"):
        _refuse("The body is empty. Send JSON.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        _refuse(f"The body is not JSON: {error.msg} at character {error.pos}.")
    except (ValueError, RecursionError):  # Both should be impossible by now.
        _refuse("The body is not JSON.")
    _check_values(value)
    return value


def pointer_to(place: _Place) -> str:
    """Return the JSON pointer (RFC 6901) to a place."""
    tokens: list[str] = []
    while place is not None:
        place, key = place
        tokens.append(str(key).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{token}" for token in reversed(tokens))


def _check_structure(body: bytes) -> None:
    # Before any parser: depth and size of what it would build, from the bytes outside strings.
    structure = STRING.sub(b"", body).translate(None, NOT_STRUCTURE)
    if structure.count(b",") + structure.count(b"[") + structure.count(b"{") >= MAX_VALUES:
        _refuse(f"The body has more than {MAX_VALUES} values.")
    depth = 0
    for byte in structure.replace(b",", b""):
        depth += 1 if byte in OPENING else -1
        if depth > MAX_DEPTH:
            _refuse(f"The body has more than {MAX_DEPTH} arrays and objects in each other.")


def _check_values(value: Any) -> None:
    # A stack of our own: recursion is what a hostile body aims at.
    todo: list[tuple[Any, _Place]] = [(value, None)]
    while todo:
        each, place = todo.pop()
        if isinstance(each, str):
            if UNSTORABLE.search(each):
                _refuse("This text has a NUL or half of a character.", place)
        elif isinstance(each, (dict, list)):
            todo += _content(each, place)
        elif isinstance(each, _Fault):
            _refuse(each.detail, place if each.key is None else (place, each.key))


def _content(
    container: "dict[str, Any] | list[Any]", place: _Place
) -> Iterator[tuple[Any, _Place]]:
    if isinstance(container, list):
        for index, value in enumerate(container):
            yield value, (place, index)
        return
    for key, value in container.items():
        # The fault points at the object, because such a key cannot stand in an answer either.
        if UNSTORABLE.search(key):
            _refuse("A key of this object has a NUL or half of a character.", place)
        if len(key) > MAX_KEY_BYTES or len(key.encode()) > MAX_KEY_BYTES:
            _refuse(f"A key of this object is longer than {MAX_KEY_BYTES} bytes.", place)
        yield value, (place, key)


def _object(pairs: list[tuple[str, Any]]) -> "dict[str, Any] | _Fault":
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            is_short = len(key) <= MAX_KEY_BYTES and not UNSTORABLE.search(key)
            return _Fault("This key stands twice in its object.", key if is_short else None)
        seen.add(key)
    raise AssertionError("fewer keys than pairs, and none twice")


def _integer(digits: str) -> "int | _Fault":
    # Its length first: Python takes time by the square of it, and gives up at 4,300 digits.
    if len(digits) <= MAX_DIGITS and abs(number := int(digits)) <= MAX_INTEGER:
        return number
    return _Fault("This integer is beyond 2^53, where numbers are no longer exact.")


def _number(digits: str) -> "float | _Fault":
    number = float(digits)
    return number if math.isfinite(number) else _Fault("This number is too large.")


def _constant(name: str) -> _Fault:
    return _Fault(f"{name} is not a JSON number.")


def _refuse(detail: str, place: _Place = None) -> NoReturn:
    # Without a place the fault is of the body as a whole, to which the empty pointer points.
    raise InvalidArgument(detail, code="malformed-request", pointer=pointer_to(place))
