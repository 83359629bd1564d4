"""
Queries answered from documents at hand, with Firestore's meaning of them.

Firestore finds what an index serves; what no index joins is decided here, by the same conditions.
`tests/api/test_queries.py` shows on random documents that both give the same answers. Fields of
conditions may lie inside of maps, by dots; values are those our documents have: no references,
places or vectors.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cmp_to_key, partial
from math import isnan
from types import NoneType, UnionType
from typing import Any

from backend.kit.documents import Fields, Query, Stored, Where

RANGES: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda stored, value: bool(stored < value),
    "<=": lambda stored, value: bool(stored <= value),
    ">": lambda stored, value: bool(stored > value),
    ">=": lambda stored, value: bool(stored >= value),
}


def answer(query: Query, documents: Iterable[Stored]) -> list[Stored]:
    """
    Return what `query` finds among `documents`, in its order.

    As in Firestore, a document without a field that it is sorted by is not found, and ties are
    broken by path. `dropped` conditions count like the others.
    """
    order = order_of(query)
    conditions = (*query.where, *query.dropped)
    found = [
        stored
        for stored in documents
        if lies_in(query, stored.path)
        and all(is_met(condition, stored.fields) for condition in conditions)
        and _is_met_by_one(query.either, stored.fields)
        and all(_bare(name) in stored.fields for name in order)
    ]
    by_place = cmp_to_key(partial(_compare, order))
    found.sort(key=lambda stored: by_place(_at(order, stored)))
    if query.after is not None:
        *values, path = query.after
        cursor = [*map(sort_key, values), _segments(path)]
        found = [stored for stored in found if _compare(order, _at(order, stored), cursor) > 0]
    return found[: query.limit]


def lies_in(query: Query, path: str) -> bool:
    """Say whether the document at a path is of the collection, or the group, that is asked."""
    collection, _, _ = path.rpartition("/")
    return query.collection == (collection.rpartition("/")[2] if query.group else collection)


def is_met(condition: Where, fields: Fields) -> bool:
    """
    Say whether the fields of a document meet a condition.

    A missing field meets none, and a range holds values of its own type only.

    Raises:
        ValueError: the condition has an operator that is not in `Where`'s list.
    """
    *outer, name = condition.field.split(".")
    for each in outer:
        inner = fields.get(each)
        fields = inner if isinstance(inner, Mapping) else {}
    if name not in fields:
        return False
    stored, value = fields[name], condition.value
    match condition.op:
        case "==":
            return sort_key(stored) == sort_key(value)
        case "in":
            return sort_key(stored) in [sort_key(each) for each in value]
        case "array_contains":
            return sort_key(value) in _members(stored)
        case "array_contains_any":
            return any(sort_key(each) in _members(stored) for each in value)
        case op if op in RANGES:
            mine, bound = sort_key(stored), sort_key(value)
            return bool(mine[0] == bound[0]) and RANGES[op](mine, bound)
        case op:
            raise ValueError(f"{op} is no operator of ours")


def _is_met_by_one(groups: Sequence[Sequence[Where]], fields: Fields) -> bool:
    return not groups or any(all(is_met(each, fields) for each in group) for group in groups)


def _members(stored: Any) -> list[tuple[Any, ...]]:
    return [sort_key(each) for each in stored] if isinstance(stored, list | tuple) else []


def order_of(query: Query) -> tuple[str, ...]:
    """Return the fields a query sorts by: those named, then those it takes a range of."""
    named = {_bare(name) for name in query.order_by}
    ranged = {where.field for where in query.where if where.op in RANGES}
    sign = "-" if query.order_by and query.order_by[-1].startswith("-") else ""
    return (*query.order_by, *(f"{sign}{field}" for field in sorted(ranged - named)))


def sort_key(value: Any) -> tuple[Any, ...]:
    """
    Return what sorts values as Firestore does: first by type, then by what they hold.

    Equal keys are equal values, so that 1 is 1.0 but never true.

    Raises:
        TypeError: Firestore holds such values, but none of our documents does.
    """
    if isinstance(value, float) and isnan(value):
        return NAN
    for rank, (kind, key) in enumerate(TYPES):
        if isinstance(value, kind):
            return (rank, *key(value))
    raise TypeError(f"{type(value).__name__} is not among the values we sort")


# Before the numbers, and in no range of them.
NAN = (1.5,)

# In Firestore's order. A bool is an int to Python, and so comes before it.
TYPES: tuple[tuple[type | UnionType, Callable[[Any], tuple[Any, ...]]], ...] = (
    (NoneType, lambda _: ()),
    (bool, lambda value: (value,)),
    (int | float, lambda value: (value,)),
    (datetime, lambda value: (value,)),
    (str, lambda value: (value,)),  # Code points sort as their bytes in UTF-8 do.
    (bytes, lambda value: (value,)),
    (list | tuple, lambda value: tuple(map(sort_key, value))),
    (Mapping, lambda value: tuple((name, sort_key(value[name])) for name in sorted(value))),
)


def _compare(order: tuple[str, ...], one: list[Any], other: list[Any]) -> int:
    # The path goes the way of the last field.
    for name, mine, theirs in zip((*order, (order or ("",))[-1]), one, other, strict=True):
        if mine != theirs:
            return (1 if mine > theirs else -1) * (-1 if name.startswith("-") else 1)
    return 0


def _at(order: tuple[str, ...], stored: Stored) -> list[Any]:
    values = [sort_key(stored.fields[_bare(name)]) for name in order]
    return [*values, _segments(stored.path)]


def _segments(path: str) -> list[str]:
    return path.split("/")


def _bare(name: str) -> str:
    return name.removeprefix("-")
