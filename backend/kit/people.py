"""Which fields hold uids of people, whatever the document; finding people there, and replacing."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.kit.actor import ERASED_UID
from backend.kit.documents import Fields

# Of documents and of the API's JSON alike, at any depth. A test holds the inventory to them.
UID_FIELDS = frozenset(
    {
        "acceptedBy",
        "actorUid",
        "appointedBy",
        "assigneeIds",
        "audience",
        "authorUid",
        "byUid",
        "completedBy",
        "createdBy",
        "invitedBy",
        "mentionIds",
        "ownerUid",
        "reactedBy",
        "subjectUid",
        "triggeredBy",
        "uid",
        "updatedBy",
        "uploadedBy",
        "watcherIds",
    }
)
TOTALS = "byMember"  # A map of numbers by uid.
PEOPLE = "people"  # Whom a document's copies name, so that a query finds it.
# Beside a `uid`: what the person of it is called, and looks like.
NAMES = {"displayName": "", "photoUrl": None}


def people_in(fields: Fields) -> list[str]:
    """Return the uids that stand in the fields, at any depth, in order."""
    return sorted(set(_named(fields)))


def _named(value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            for name, inner in value.items():
                if name in UID_FIELDS:
                    held = inner if isinstance(inner, list | tuple) else [inner]
                    yield from (uid for uid in held if isinstance(uid, str))
                else:
                    yield from _named(inner)
        case list() | tuple():
            for inner in value:
                yield from _named(inner)


def without_person(fields: Fields, uid: str, *, keeps_places: bool = False) -> Fields:
    """
    Return the fields as they are once the person of this uid has left for good.

    A stand-in takes the place of who did something. Lists lose the person, or, where the number
    of people matters (`keeps_places`), hold the stand-in.
    """
    left = {name: _left(name, value, uid, keeps_places) for name, value in fields.items()}
    if fields.get("uid") == uid:
        left |= {name: nothing for name, nothing in NAMES.items() if name in fields}
    return left


def _left(name: str, value: Any, uid: str, keeps_places: bool) -> Any:
    if name == TOTALS and isinstance(value, Mapping):
        return {each: count for each, count in value.items() if each != uid}
    if name in UID_FIELDS or name == PEOPLE:
        if isinstance(value, list | tuple):
            return _list_left([*value], uid, keeps_places and name != PEOPLE)
        return ERASED_UID if value == uid else value
    return _inner_left(value, uid, keeps_places)


def _inner_left(value: Any, uid: str, keeps_places: bool) -> Any:
    match value:
        case Mapping():
            return without_person(value, uid, keeps_places=keeps_places)
        case list() | tuple():
            return [_inner_left(inner, uid, keeps_places) for inner in value]
    return value


def _list_left(uids: list[Any], uid: str, keeps_places: bool) -> list[Any]:
    if keeps_places:
        return [ERASED_UID if each == uid else each for each in uids]
    return [each for each in uids if each != uid]
