"""
Which lists may be asked for: a table of filters and orders, and the one query they come to.

Firestore joins filters of one value freely, since it merges indexes that end in the same order.
It does not join several values of one filter with another filter unless they have an index of their
own, and never two filters of arrays: there the first is found, and the others are dropped from what
was read, up to `pages.MOST_READ` documents a page. Everything else that no index serves is refused,
never scanned for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from backend.kit.documents import Query, Where
from backend.kit.errors import InvalidArgument

COMPARING = EQUAL, ANY_OF, CONTAINS = "==", "in", "array_contains"


@dataclass(frozen=True, slots=True)
class Filter:
    """
    A parameter, `name` in the API, and the condition on documents that it stands for.

    `orders` are those that an index serves it in, the usual one first; none named means all.
    """

    name: str
    field: str
    op: str = EQUAL
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alone:
    """A parameter that asks for a list of its own, with no other filter and in its own order."""

    name: str
    where: tuple[Where, ...]
    order: str


@dataclass(frozen=True, slots=True)
class ListTable:
    """
    The lists of one collection.

    `always` holds for each of them but the `alone` ones. `orders` begins with the usual one.
    `together` names orders and the fields that an index of their own joins in it. `within` names
    orders that need one of some filters beside them. Keys are those of the arguments that a schema
    has loaded. Any filters have an order in common.
    """

    always: tuple[Where, ...]
    filters: Mapping[str, Filter]
    orders: tuple[str, ...]
    alone: Mapping[str, Alone]
    together: frozenset[tuple[str, frozenset[str]]] = frozenset()
    within: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def query(
        self, collection: str, given: Mapping[str, Any], *, order: str | None, limit: int
    ) -> Query:
        """
        Return the query that the filters `given` come to; a tuple of values means any of them.

        Raises:
            InvalidArgument: no index serves them together, or in this order.
        """
        for key in self.alone:
            if key in given:
                return self._standing_alone(collection, key, given, order=order, limit=limit)
        filters = {row: given[key] for key, row in self.filters.items() if key in given}
        self._check_place(order, given)
        order = self._order(tuple(filters), order)
        conditions = [
            where for row, value in filters.items() for where in _conditions(row, value, order)
        ]
        compared = frozenset(where.field for where in conditions if where.op in COMPARING)
        dropped = (
            []
            if (order, compared) in self.together
            else _dropped(conditions, order.removeprefix("-"))
        )
        served = (where for where in conditions if where not in dropped)
        where = (*self.always, *served)
        return Query(collection, limit, where, order_by=(order,), dropped=tuple(dropped))

    def _standing_alone(
        self, collection: str, key: str, given: Mapping[str, Any], *, order: str | None, limit: int
    ) -> Query:
        row = self.alone[key]
        others = [
            (self.filters.get(other) or self.alone[other]).name for other in given if other != key
        ]
        if order is not None:
            others.append("sort")
        if others:
            raise _unsupported(
                f"`{row.name}` stands alone, by `{row.order}`: leave out `{others[0]}`.", others[0]
            )
        return Query(collection, limit, row.where, order_by=(row.order,))

    def _check_place(self, order: str | None, given: Mapping[str, Any]) -> None:
        needed = self.within.get(order or "", frozenset())
        if needed and not needed & given.keys():
            names = " or ".join(f"`{self.filters[key].name}`" for key in sorted(needed))
            raise _unsupported(f"To sort by `{order}`, say {names}.", "sort")

    def _order(self, filters: Sequence[Filter], order: str | None) -> str:
        possible = self.orders
        for row in filters:
            possible = tuple(o for o in row.orders or possible if o in possible)
        if order is None:
            return possible[0]
        if order not in possible:
            (culprit, *_) = (row.name for row in filters if row.orders and order not in row.orders)
            raise _unsupported(
                f"With `{culprit}`, `sort` is {' or '.join(f'`{each}`' for each in possible)}.",
                "sort",
            )
        return order


def _conditions(row: Filter, value: Any, order: str) -> list[Where]:
    values = sorted(map(_stored, value)) if isinstance(value, tuple) else [_stored(value)]
    several = [Where(row.field, ANY_OF, values)] if len(values) > 1 else []
    if row.op == EQUAL and row.field == order.removeprefix("-"):
        # Firestore sorts by no field that it compares, but by one that it takes a range of.
        first, last = values[0], values[-1]
        bounds = [Where(row.field, ">=", first), Where(row.field, "<=", last)]
        is_whole = isinstance(first, int) and last - first == len(values) - 1
        return bounds if is_whole else [*bounds, *several]
    return several or [Where(row.field, row.op, values[0])]


def _dropped(conditions: Sequence[Where], sorted_by: str) -> list[Where]:
    """Return the conditions that Firestore does not join with the others."""
    joined: list[Where] = []
    dropped: list[Where] = []
    # Those of one value first: the more of them are joined, the fewer documents are read.
    for where in sorted(conditions, key=lambda where: where.op == ANY_OF):
        if where.op in COMPARING:
            is_joined = where.field != sorted_by and _joins(where, joined)
            (joined if is_joined else dropped).append(where)
    return dropped


def _joins(where: Where, joined: Sequence[Where]) -> bool:
    if where.op == ANY_OF:
        return not joined
    return where.op != CONTAINS or all(other.op != CONTAINS for other in joined)


def _stored(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _unsupported(detail: str, parameter: str) -> InvalidArgument:
    return InvalidArgument(detail, code="unsupported-query", pointer=f"/{parameter}")
