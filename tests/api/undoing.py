"""Doing something and taking it back, over HTTP."""

from typing import Any

import requests

from tests.api.world import Caller

UNDO_TOKEN = "Undo-Token"


def undo(person: Caller, answer: requests.Response) -> requests.Response:
    """Take back what an answer offers to take back."""
    assert answer.ok, answer.text
    return person.post("/undo", {"token": answer.headers[UNDO_TOKEN]})


def undone(person: Caller, answer: requests.Response) -> dict[str, Any]:
    """As `undo`, where that works; return what it came to."""
    back = undo(person, answer)
    assert back.status_code == 200, back.text
    found: dict[str, Any] = back.json()
    return found


def without_zeros(counters: Any) -> Any:
    """Return counters without those of nothing, at any depth: they are as good as absent."""
    if not isinstance(counters, dict):
        return counters
    left = {name: without_zeros(value) for name, value in counters.items()}
    return {name: value for name, value in left.items() if value not in (0, {})}
