"""What marshmallow and webargs say of a request, as faults with JSON pointers."""

from typing import Any

from backend.kit.errors import Fault


def faults_of(messages: Any, pointer: str = "") -> list[Fault]:
    """Return a fault for each message, by where its value stands."""
    if isinstance(messages, dict):
        # webargs files everything under where it was found; pointers begin at the value itself.
        is_location = pointer == "" and set(messages) <= {"json", "query", "path", "headers"}
        return [
            fault
            for key, inner in messages.items()
            for fault in faults_of(inner, pointer if is_location else f"{pointer}/{_escaped(key)}")
        ]
    return [Fault(pointer.removesuffix("/_schema"), _code(text), str(text)) for text in messages]


def _code(message: object) -> str:
    return "unknown-field" if message == "Unknown field." else "invalid"


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
