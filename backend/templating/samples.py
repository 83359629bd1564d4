"""What previews and test sendings put into a template, where nothing else is given."""

from collections.abc import Mapping
from typing import Any

from backend.templating.model import Kind, Values, Variable

_BY_NAME: Mapping[str, str | int] = {
    "actor": "Ann Berger",
    "task": "Book the venue",
    "comment": "The one by the river is free until Friday.",
    "workspace": "Studio North",
    "place": "Launch",
    "first": "Book the venue, Send the invitations",
    "title": "Maintenance on Sunday",
    "message": "TaskFlow is read-only for some minutes on Sunday at 6:00.",
    "job": "Every night",
    "more": 3,
    "minutes": 25,
    "focusMinutes": 150,
    "doneCount": 1,
}
_BY_KIND: Mapping[Kind, Any] = {
    Kind.TEXT: "Something",
    Kind.PERSON: "Ann Berger",
    Kind.NUMBER: 5,
    Kind.DAY: "2026-12-24T18:00",
    Kind.LINK: "/tasks",
    Kind.LIST: [
        {"title": "Book the venue", "due": "2026-12-24T18:00", "link": "/tasks"},
        {"title": "Send the invitations", "due": "2026-12-28", "link": "/tasks"},
    ],
    Kind.STATUS: "in_progress",
    Kind.PLATFORM: "android",
    Kind.OUTCOME: "failed",
}


def sample_values(variables: Mapping[str, Variable]) -> Values:
    """Return a value for each variable."""
    return {name: _sample(name, variable.kind) for name, variable in variables.items()}


def _sample(name: str, kind: Kind) -> Any:
    if kind is Kind.DAY and name == "day":
        return "2026-12-24"
    named = _BY_NAME.get(name)
    fits = isinstance(named, int) if kind is Kind.NUMBER else isinstance(named, str)
    return named if fits and kind in (Kind.TEXT, Kind.PERSON, Kind.NUMBER) else _BY_KIND[kind]
