"""
The indexes file: well formed, in order, and exactly what the queries need.

The emulator never asks for an index, so a missing one would first be noticed in production.
"""

import json
from dataclasses import dataclass

import pytest

from tests.rules.conftest import ROOT
from tests.rules.listeners import CONTAINS, EQUAL, IN, LISTENERS, LIVE
from tests.rules.wire import Query

SCOPES = ["COLLECTION_GROUP", "COLLECTION"]
ORDERS = ["ASCENDING", "DESCENDING", None]

STATUS, ASSIGNEE = ("status", EQUAL, "open"), ("assigneeIds", CONTAINS, "uid")
NEWEST = ("-createdAt",)
# What the server asks besides the listeners. A query of a repository has its row here.
SERVER_QUERIES = {
    "tasks-newest": ("tasks", Query(LIVE, NEWEST)),
    "tasks-of-a-status": ("tasks", Query((*LIVE, STATUS), NEWEST)),
    "tasks-of-an-assignee": ("tasks", Query((*LIVE, ASSIGNEE), NEWEST)),
    "tasks-of-an-assignee-and-status": ("tasks", Query((*LIVE, STATUS, ASSIGNEE), NEWEST)),
    "tasks-of-a-series": ("tasks", Query((("seriesId", EQUAL, "s1"),), ("occurrenceKey",))),
    "tasks-changed": (
        "tasks",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "timers-due": (
        "timers",
        Query((("state", EQUAL, "set"), ("fireAt", "LESS_THAN_OR_EQUAL", None)), ("fireAt",)),
    ),
    "memberships": ("members", Query((("uid", EQUAL, "uid"),), every_path=True)),
}
QUERIES = SERVER_QUERIES | {name: (row.collection, row.query) for name, row in LISTENERS.items()}


@dataclass(frozen=True)
class Index:
    """Fields that are compared with a value, in any order, then fields that sort."""

    collection: str
    compared: frozenset[str]
    sorting: tuple[str, ...]


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
                assert list(index) == ["order", "queryScope"]

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

    @pytest.mark.parametrize("name", QUERIES)
    def test_every_query_is_served(self, indexes_file, name):
        """By an index of its own, or by several that end in the same order."""
        need = _need(*QUERIES[name])

        assert need is None or _serving(need, QUERIES[name][1], indexes_file)

    def test_every_index_is_needed(self, indexes_file):
        """Each costs a write for every document; drop it with its last query."""
        needs = [(_need(*row), row[1]) for row in QUERIES.values()]
        used = {i for need, query in needs if need for i in _serving(need, query, indexes_file)}

        assert used == set(_indexes(indexes_file))

    @pytest.mark.parametrize("name", QUERIES)
    def test_no_query_touches_a_field_without_index(self, indexes_file, name):
        """An exempted field matches nothing in production, and everything in the emulator."""
        collection, query = QUERIES[name]
        exempt = {
            o["fieldPath"]
            for o in indexes_file["fieldOverrides"]
            if o["collectionGroup"] == collection and not o["indexes"]
        }
        fields = {field for field, _, _ in query.where} | set(map(_bare, query.order_by))

        assert exempt & fields == set()

    @pytest.mark.parametrize(
        "name", [name for name, (_, query) in QUERIES.items() if query.every_path]
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

    def test_notifications_expire(self, indexes_file):
        """TTL stands where documents have nothing below them that must go with them."""
        ttl = [o for o in indexes_file["fieldOverrides"] if "ttl" in o]

        assert [(o["collectionGroup"], o["fieldPath"]) for o in ttl] == [
            ("notifications", "expireAt")
        ]


def _need(collection: str, query: Query) -> Index | None:
    """Return the composite index of a query, or None where single fields suffice."""
    compared = frozenset(field for field, how, _ in query.where if how in (EQUAL, IN, CONTAINS))
    if not compared or not query.order_by:
        return None
    return Index(collection, compared, query.order_by)


def _serving(need: Index, query: Query, indexes_file) -> list[Index]:
    """Return the indexes that serve a query. Several merge, but hardly with an `in`."""
    found = [
        index
        for index in _indexes(indexes_file)
        if index.collection == need.collection
        and index.sorting == need.sorting
        and index.compared <= need.compared
    ]
    exact = [index for index in found if index == need]
    if exact or any(how == IN for _, how, _ in query.where):
        return exact
    return found if frozenset().union(*(index.compared for index in found)) == need.compared else []


def _indexes(indexes_file) -> list[Index]:
    """Every index of this version sorts by its last field."""
    found = []
    for index in indexes_file["indexes"]:
        *compared, last = index["fields"]
        sign = "-" if last.get("order") == "DESCENDING" else ""
        names = frozenset(field["fieldPath"] for field in compared)
        found.append(Index(index["collectionGroup"], names, (f"{sign}{last['fieldPath']}",)))
    return found


def _place(index):
    fields = tuple(
        (field["fieldPath"].lower(), ORDERS.index(field.get("order"))) for field in index["fields"]
    )
    return (index["collectionGroup"], SCOPES.index(index["queryScope"]), fields)


def _bare(name: str) -> str:
    return name.removeprefix("-")
