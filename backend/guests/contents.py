"""What of a guest's workspace moves into an account, and how it changes hands. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.kit.documents import Fields

# By the collections that a path below the workspace goes through. What is not here follows from
# what is (events, statistics), belongs to the guest alone (members), or waits for its feature.
MOVES = frozenset(
    {
        "projects",
        "boards",
        "lists",
        "labels",
        "series",
        "series/occurrences",
        "tasks",
        "tasks/comments",
        "tasks/attachments",
        "tasks/history",
    }
)
REACTED_TO = frozenset({"tasks", "tasks/comments"})
# What people hear of when it has moved; the rest comes with these.
COUNTED = ("projects", "boards", "lists", "labels", "series", "tasks", "comments")


def kind_of(place: str) -> str:
    """Return the collections that a path below a workspace goes through: `tasks/comments`."""
    return "/".join(place.split("/")[::2])


def top_of(place: str) -> str:
    """Return the path of the document that one below a workspace comes and goes with."""
    return "/".join(place.split("/")[:2])


def handed_over(place: str, fields: Fields, *, guest: str, to: str, at: datetime) -> Fields:
    """
    Return a document of a guest as it is in the other workspace.

    Wherever it names the guest it names the other person. What has consequences counts as written
    now, by them: the sweep finds it there, and nobody is told of what they have done themselves.
    Counters begin anew, since what they count comes along and is counted there.
    """
    mine: dict[str, Any] = _renamed(fields, guest, to)
    if "counters" in mine:
        mine["counters"] = {}
    if kind_of(place) in REACTED_TO:
        mine |= {"updatedAt": at, "updatedBy": to}
    return mine


def _renamed(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return new if value == old else value
        case Mapping():
            return {name: _renamed(inner, old, new) for name, inner in value.items()}
        case list():
            return [_renamed(inner, old, new) for inner in value]
    return value
