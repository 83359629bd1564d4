"""
The indexes file: well formed, in order, and exactly what the queries need.

The emulator never asks for an index, so a missing one would first be noticed in production.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from backend.activity.listing import EVENT_LISTS
from backend.audit.listing import AUDIT_LISTS
from backend.boards.listing import GROUP_LISTS
from backend.digests.contents import done_query, to_do_query
from backend.kit.documents import Query as AskedQuery
from backend.kit.errors import InvalidArgument
from backend.kit.lists import ListTable
from backend.leaving.inventory import Whose, following
from backend.leaving.traces import BY_ADDRESS, TRACES
from backend.mailing.suppression_service import LISTS as SUPPRESSION_LISTS
from backend.search.entries import Kind
from backend.search.model import Sought
from backend.search.service import asking
from backend.tasks.listing import OWN_TASKS, TASK_LISTS
from backend.tasks.model import Priority, Status
from backend.tasks.own import own_tasks_query
from tests.rules.conftest import ROOT
from tests.rules.group_queries import GIVEN as GROUPS_GIVEN
from tests.rules.group_queries import GROUP_QUERIES
from tests.rules.listeners import CONTAINS, EQUAL, IN, LISTENERS
from tests.rules.server_queries import SERVER_QUERIES
from tests.rules.wire import Query

SCOPES = ["COLLECTION_GROUP", "COLLECTION"]
ORDERS = ["ASCENDING", "DESCENDING", None]

OPERATORS = {
    "==": EQUAL,
    "in": IN,
    "array_contains": CONTAINS,
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
}

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
# What each filter of the lists is given: one value, several, several with a gap.
GIVEN = {
    "status": [(Status.OPEN,), (Status.OPEN, Status.DONE)],
    "priority": [
        (Priority.HIGH,),
        (Priority.HIGH, Priority.URGENT),
        (Priority.NONE, Priority.URGENT),
    ],
    "assignee": ["uid"],
    "project_id": ["p"],
    "board_id": ["b"],
    "list_id": ["l"],
    "label": ["red"],
    "overdue": [True],
    "due_after": [NOON],
    "due_before": [NOON],
}

# Each table of lists, and what each of its filters is given.
TABLES: list[tuple[str, ListTable, dict[str, list[Any]]]] = [
    ("workspaces/w1/tasks", TASK_LISTS, GIVEN),
    ("workspaces/w1/events", EVENT_LISTS, {"type": ["task.created"], "subject": ["id"]}),
    *(
        (f"workspaces/w1/{kind.collection}", table, GROUPS_GIVEN[kind])
        for kind, table in GROUP_LISTS.items()
    ),
    ("suppressions", SUPPRESSION_LISTS, {"reason": ["hardBounce"]}),
    ("audit", AUDIT_LISTS, {"actor": ["uid"], "subject": ["uid"], "action": ["x"]}),
]


def _lists() -> Iterator[AskedQuery]:
    """Every list that the tables of the code build a query for, with every order; and search."""
    for collection, table, given in TABLES:
        yield from _lists_of(collection, table, given)
    for given in _own_tasks():
        yield own_tasks_query(given, limit=20)
    for kind in (None, *Kind):
        yield asking("w", Sought.in_words("word"), kind)
    for query in (to_do_query("uid", NOON, NOON), done_query("uid", NOON, NOON)):
        yield from _sides(query)


def _sides(query: AskedQuery) -> Iterator[AskedQuery]:
    """Each side of an `or`, which needs an index of its own."""
    for group in query.either or ((),):
        yield replace(query, where=(*query.where, *group), either=())


def _own_tasks() -> Iterator[dict[str, Any]]:
    names = list(OWN_TASKS.filters)
    for chosen in product(*([None, *GIVEN[name]] for name in names)):
        given = {name: value for name, value in zip(names, chosen, strict=True) if value}
        yield {**given, "assignee": "uid"}


def _lists_of(
    collection: str, table: ListTable, examples: dict[str, list[Any]]
) -> Iterator[AskedQuery]:
    names = list(table.filters)
    choices = product(*([None, *examples[name]] for name in names))
    filters = [
        {name: value for name, value in zip(names, chosen, strict=True) if value is not None}
        for chosen in choices
    ] + [{name: True} for name in table.alone]
    for given, order in product(filters, (None, *table.orders)):
        with suppress(InvalidArgument):  # What is refused needs no index.
            yield table.query(collection, given, order=order, limit=20)


def _shape(asked: AskedQuery) -> tuple[str, Query]:
    """The query of a list as the indexes see it, whatever its values."""
    where = tuple(sorted((each.field, OPERATORS[each.op], None) for each in asked.where))
    query = Query(where, asked.order_by, every_path=asked.group)
    return asked.collection.rpartition("/")[2], query


LIST_QUERIES = {
    f"{collection} {query.where} {query.order_by} {query.every_path}": (collection, query)
    for collection, query in map(_shape, _lists())
}
# Whatever names somebody is found when they leave, and whatever follows them goes with them. An
# export asks for some of the same, in the order of paths, which needs no index besides.
LEAVING_QUERIES = {
    f"erasing {each.collection} {each.field}": (
        each.collection,
        Query(
            ((each.field, CONTAINS if each.is_list else EQUAL, "uid"),), every_path=each.is_group
        ),
    )
    for each in (*TRACES, *BY_ADDRESS)
} | {
    f"purging {row.name} {field}": (
        row.name,
        Query(((field, EQUAL, "id"),), every_path=row.is_group),
    )
    for whose in (Whose.PERSON, Whose.WORKSPACE)
    for row, field in following(whose)
}
QUERIES = (
    SERVER_QUERIES
    | GROUP_QUERIES
    | LEAVING_QUERIES
    | LIST_QUERIES
    | {name: (row.collection, row.query) for name, row in LISTENERS.items()}
)


def _compares(query: Query) -> frozenset[str]:
    """Return the fields that a query compares with a value, and takes no range of."""
    return frozenset(field for field, how, _ in query.where if how in (EQUAL, IN, CONTAINS))


@dataclass(frozen=True)
class Need:
    """Fields that are compared with a value, in any order, then fields that sort."""

    collection: str
    is_group: bool
    compared: frozenset[str]
    sorting: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """An index as the file has it: its fields, descending after a `-`."""

    collection: str
    is_group: bool
    fields: tuple[str, ...]

    def compared_for(self, need: Need) -> frozenset[str] | None:
        """Return what it can compare before it sorts as wanted; None if it sorts otherwise."""
        count = len(need.sorting)
        if (self.collection, self.is_group) != (need.collection, need.is_group):
            return None
        if self.fields[-count:] != need.sorting:
            return None
        return frozenset(map(_bare, self.fields[:-count]))


@pytest.fixture(scope="module")
def indexes_file():
    """The file that is deployed."""
    return json.loads((ROOT / "firestore.indexes.json").read_text())


class TestForm:
    """What the deployment tool expects."""

    def test_nothing_but_indexes_and_overrides(self, indexes_file):
        """JSON with two lists."""
        assert list(indexes_file) == ["indexes", "fieldOverrides"]

    def test_composite_indexes(self, indexes_file):
        """A collection, a scope, and two or more fields, each sorted or array-contains."""
        for index in indexes_file["indexes"]:
            assert list(index) == ["collectionGroup", "queryScope", "fields"]
            assert index["queryScope"] in SCOPES
            assert len(index["fields"]) >= 2
            for field in index["fields"]:
                assert list(field) in (["fieldPath", "order"], ["fieldPath", "arrayConfig"])
                assert field.get("order") in ORDERS
                assert field.get("arrayConfig", "CONTAINS") == "CONTAINS"

    def test_overrides(self, indexes_file):
        """A field, the indexes it keeps, and `ttl` only as true."""
        for override in indexes_file["fieldOverrides"]:
            assert set(override) - {"ttl"} == {"collectionGroup", "fieldPath", "indexes"}
            assert override.get("ttl", True) is True
            for index in override["indexes"]:
                assert list(index) in (["order", "queryScope"], ["arrayConfig", "queryScope"])

    def test_sorted_and_without_duplicates(self, indexes_file):
        """In the order in which the tool exports them, so that an export shows no difference."""
        indexes = [_place(index) for index in indexes_file["indexes"]]
        overrides = [
            (o["collectionGroup"], "ttl" in o, o["fieldPath"].lower())
            for o in indexes_file["fieldOverrides"]
        ]

        assert indexes == sorted(set(indexes))
        assert overrides == sorted(set(overrides))


class TestNeed:
    """Queries against indexes, both ways."""

    def test_every_filter_of_the_lists_is_looked_at(self):
        """A filter or an order without an example here would be forgotten."""
        assert len(LIST_QUERIES) > 50
        for _, table, given in TABLES:
            assert set(given) == set(table.filters)
            for name in table.orders:
                assert any(query.order_by == (name,) for _, query in LIST_QUERIES.values())

    def test_every_query_is_served(self, indexes_file):
        """By an index of its own, or by several that end in the same order."""
        assert [] == _unserved(_indexes(indexes_file))

    def test_every_index_is_needed(self, indexes_file):
        """Each costs a write for every document; drop it with its last query."""
        indexes = _indexes(indexes_file)

        assert [] == [one for one in indexes if not _unserved([i for i in indexes if i != one])]

    def test_lists_take_ranges_only_of_what_they_sort_by(self):
        """The last field of an index is the only one that a range of it can be read from."""
        for _, query in LIST_QUERIES.values():
            ranged = {field for field, how, _ in query.where if how not in (EQUAL, IN, CONTAINS)}

            assert ranged <= set(map(_bare, query.order_by))

    def test_no_query_touches_a_field_without_index(self, indexes_file):
        """An exempted field matches nothing in production, and everything in the emulator."""
        exempt = {
            (o["collectionGroup"], o["fieldPath"])
            for o in indexes_file["fieldOverrides"]
            if not o["indexes"]
        }
        touched = {
            (collection, field)
            for collection, query in QUERIES.values()
            for field in ({each[0] for each in query.where} | set(map(_bare, query.order_by)))
        }

        assert set() == exempt & touched

    def test_there_is_room_for_more(self, indexes_file):
        """A project without billing has 200 composite indexes."""
        assert len(indexes_file["indexes"]) <= 120

    @pytest.mark.parametrize(
        "name",
        [
            name
            for name, (_, query) in QUERIES.items()
            if query.every_path and not (query.order_by and _compares(query))
        ],
    )
    def test_collection_groups_have_their_single_field(self, indexes_file, name):
        """Firestore makes those for collections by itself, for collection groups never."""
        collection, query = QUERIES[name]
        overrides = {
            o["fieldPath"]: {index["queryScope"] for index in o["indexes"]}
            for o in indexes_file["fieldOverrides"]
            if o["collectionGroup"] == collection
        }

        assert {"COLLECTION_GROUP"} <= overrides[query.where[0][0]]

    def test_what_expires(self, indexes_file):
        """TTL stands where documents have nothing below them that must go with them."""
        ttl = [o for o in indexes_file["fieldOverrides"] if "ttl" in o]

        assert [(o["collectionGroup"], o["fieldPath"]) for o in ttl] == [
            ("broadcasts", "expireAt"),
            ("idempotency", "expireAt"),
            ("intents", "expireAt"),
            ("invites", "expireAt"),
            ("notifications", "expireAt"),
            ("operations", "expireAt"),
            ("passwordResets", "expireAt"),
            ("passwordWatches", "expireAt"),
            ("recipients", "expireAt"),
            ("runs", "expireAt"),
            ("suppressions", "expireAt"),
            ("timers", "expireAt"),
            ("undoRecords", "expireAt"),
        ]


def _need(collection: str, query: Query) -> Need | None:
    """Return what index a query needs, or None where single fields suffice."""
    compared = _compares(query)
    if not compared or not query.order_by:  # Firestore merges single fields by itself.
        return None
    return Need(collection, query.every_path, compared, query.order_by)


def _unserved(indexes: list[Index]) -> list[str]:
    """Return the queries that these indexes do not serve."""
    needs = {name: _need(*row) for name, row in QUERIES.items()}
    return [
        name
        for name, need in needs.items()
        if need and not _is_served(need, QUERIES[name][1], indexes)
    ]


def _is_served(need: Need, query: Query, indexes: list[Index]) -> bool:
    """Say whether indexes serve a query. Several merge, but hardly with an `in`."""
    comparable = [index.compared_for(need) for index in indexes]
    if need.compared in comparable:
        return True
    if any(how == IN for _, how, _ in query.where):
        return False
    merged = [fields for fields in comparable if fields and fields <= need.compared]
    return frozenset().union(*merged) == need.compared


def _indexes(indexes_file) -> list[Index]:
    return [
        Index(
            index["collectionGroup"],
            index["queryScope"] == "COLLECTION_GROUP",
            tuple(map(_field, index["fields"])),
        )
        for index in indexes_file["indexes"]
    ]


def _field(field) -> str:
    return f"{'-' if field.get('order') == 'DESCENDING' else ''}{field['fieldPath']}"


def _place(index):
    fields = tuple(
        (field["fieldPath"].lower(), ORDERS.index(field.get("order"))) for field in index["fields"]
    )
    return (index["collectionGroup"], SCOPES.index(index["queryScope"]), fields)


def _bare(name: str) -> str:
    return name.removeprefix("-")
