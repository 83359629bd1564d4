"""The emulator and the evaluator of the kit, asked the same: they give the same answers."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, product
from typing import Any

import pytest

from backend.adapters.firestore import MAX_WRITES, Store
from backend.kit.documents import Create, Query, Stored, Where
from backend.kit.errors import InvalidArgument
from backend.kit.pages import Asked, PageTokens
from backend.kit.queries import NAN, answer, sort_key
from backend.tasks.listing import TASK_LISTS
from backend.tasks.model import Priority, Status
from local.suite import EmulatorSuite
from tests.clock import VirtualClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TASKS = "workspaces/w/tasks"
PLACES = {"project_id": "projectId", "board_id": "boardId", "list_id": "listId"}

# Values of every type we store, with the traps of each: NaN, 1 and 1.0 and true, a character
# beyond 16 bits beside one that UTF-16 sorts behind it, lists and maps that begin alike.
VALUES = [
    None,
    False,
    True,
    float("nan"),
    float("-inf"),
    -1,
    0,
    -0.0,
    1,
    1.0,
    2**53 + 1,
    float(2**53),
    NOON,
    NOON + timedelta(microseconds=1),
    "",
    "a",
    "a\ufb01",
    "a\U0001f600",
    "ä",
    b"",
    b"\xff",
    [],
    [1],
    [1, "a"],
    ["a"],
    {},
    {"a": 1},
    {"a": 1, "b": None},
    {"b": 0},
]
ODD = [None, True, -1, 2.0, 2.5, "", "a", [1]]
COMPARABLE = [value for value in VALUES if sort_key(value) not in (sort_key(None), NAN)]


@pytest.fixture(scope="module")
def store(suite: EmulatorSuite) -> Iterator[Store]:
    """A store on a database of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
        yield Store(f"demo-{secrets.token_hex(6)}", VirtualClock(), emulated=True)


@pytest.fixture(scope="module")
def things(store: Store) -> list[Stored]:
    """Three hundred, some without the one or the other field."""
    chance = random.Random(1)
    return _written(
        store,
        {
            f"things/{number:03}": {
                name: chance.choice(VALUES) for name in "abc" if chance.random() < 0.85
            }
            | {"tags": chance.sample(["x", "y", 1, 1.5, True], chance.randrange(4))}
            for number in range(300)
        },
    )


@pytest.fixture(scope="module")
def tasks(store: Store) -> list[Stored]:
    """Four hundred, with many ties, and some unreadable ones among them."""
    chance = random.Random(2)
    return _written(store, {f"{TASKS}/{n:03}": _any_task(chance) for n in range(400)})


class TestAnyDocuments:
    """Random documents with values of every type, and random queries."""

    @pytest.mark.parametrize("seed", range(12))
    def test_they_agree(self, store: Store, things: list[Stored], seed: int):
        """Fifty queries a seed; one that differs shows both answers."""
        chance = random.Random(seed)
        for _ in range(50):
            query = _any_query(chance, things)

            assert (query, _ids(store.find(query))) == (query, _ids(answer(query, things)))

    def test_they_count_the_same(self, store: Store, things: list[Stored]):
        """Whatever limit and cursor say."""
        chance = random.Random(99)
        for _ in range(30):
            query = _any_query(chance, things)
            whole = replace(query, limit=1000, after=None)

            assert (query, store.count(query)) == (query, len(answer(whole, things)))

    def test_a_group_holds_every_collection_of_its_name(self, store: Store):
        """And sorts ties by the whole path, segment by segment."""
        paths = ["a/1/leaves/1", "a/1/leaves/2", "a/1-2/leaves/0", "b/1/leaves/1", "a/1/fruits/1"]
        leaves = _written(store, {path: {"n": 1} for path in paths})
        query = Query("leaves", 9, (Where("n", "==", 1),), ("n",), group=True)

        assert [stored.path for stored in store.find(query)] == [
            stored.path for stored in answer(query, leaves)
        ]


class TestDropped:
    """Conditions that are dropped after reading."""

    def test_the_store_does_not_pass_over_them(self, store: Store):
        """They are whoever gathers a page's to look after."""
        query = Query("things", 1, dropped=(Where("a", "==", 1),))

        with pytest.raises(ValueError, match="dropped"):
            store.find(query)


class TestTaskLists:
    """Every filter, order and page size of the lists of tasks, on random tasks."""

    @pytest.mark.parametrize("order", [None, *TASK_LISTS.orders])
    def test_they_agree(self, store: Store, tasks: list[Stored], order: str | None):
        """Page by page, what the filters and the order say, once each."""
        tokens = PageTokens("for tests only")
        looked_at, sizes = 0, cycle([7, 20, 100])
        for given in _filters():
            try:
                query = TASK_LISTS.query(TASKS, given, order=order, limit=1000)
            except InvalidArgument:
                continue
            looked_at += 1
            expected = _ids(answer(query, tasks))
            found = _paged(store, query, tokens, next(sizes))

            assert (given, expected) == (given, found)
            assert (given, expected) == (given, _by_hand(given, query.order_by[0], tasks))
        # Three choices each of status and priority, two of assignee; the others sort by dueAt. Of
        # those in places and under labels some, and the rank only with a place.
        assert {None: 146, "dueAt": 144, "-dueAt": 72, "rank": 0}.get(order, 18) + 15 <= looked_at

    @pytest.mark.parametrize("size", [1, 2, 19, 20, 50, 100])
    def test_pages_of_every_size_join_up(self, store: Store, tasks: list[Stored], size: int):
        """With conditions that are dropped, and without."""
        for given in ({}, {"status": tuple(Status), "assignee": "u1", "priority": (4, 0)}):
            query = TASK_LISTS.query(TASKS, given, order="dueAt", limit=1000)

            assert _ids(answer(query, tasks)) == _paged(store, query, PageTokens("x"), size)


def _any_query(chance: random.Random, documents: list[Stored]) -> Query:
    field = chance.choice("ab")
    where = []
    if chance.random() < 0.4:
        where.append(Where("c", "==", chance.choice(VALUES)))
    if chance.random() < 0.3:
        some = chance.sample(["x", "y", 1, 1.5, True], 2)
        any_of = chance.random() < 0.5
        where.append(
            Where("tags", "array_contains_any", some)
            if any_of
            else Where("tags", "array_contains", chance.choice(["x", 1, 1.0, 1.5, True]))
        )
    has_any = any(each.op == "array_contains_any" for each in where)
    if chance.random() < 0.3 and not has_any:  # Firestore multiplies them: 30 at most.
        where.append(Where("b" if field == "a" else "a", "in", chance.sample(COMPARABLE, 5)))
    ranged = chance.random() < 0.6
    if ranged:
        where.append(Where(field, chance.choice(["<", "<=", ">", ">="]), chance.choice(COMPARABLE)))
    if ranged and chance.random() < 0.3:
        return Query("things", chance.choice([5, 1000]), tuple(where))  # Sorted by the range.
    of_tags = any(each.field == "tags" for each in where)
    either = () if of_tags or chance.random() < 0.7 else _any_groups(chance)
    order = [chance.choice(["", "-"]) + field]
    if chance.random() < 0.3:
        order.append(chance.choice(["", "-"]) + "c")
    after = None
    if chance.random() < 0.5:
        seen = chance.choice(documents)
        fields = [seen.fields.get(name.removeprefix("-"), "a") for name in order]
        after = (*fields, seen.path)
    return Query(
        "things", chance.choice([5, 1000]), tuple(where), tuple(order), after=after, either=either
    )


def _any_groups(chance: random.Random) -> tuple[tuple[Where, ...], ...]:
    """Of these groups of conditions, one suffices."""
    conditions = [
        Where("c", "==", chance.choice(VALUES)),
        Where("tags", "==", chance.choice([[], ["x"], ["y", 1]])),
        Where("tags", "array_contains", chance.choice(["x", 1, True])),
        Where("c", "in", chance.sample(COMPARABLE, 3)),
    ]
    return tuple(
        tuple(chance.sample(conditions, chance.choice([1, 2])))
        for _ in range(chance.choice([1, 2]))
    )


def _any_task(chance: random.Random) -> dict[str, Any]:
    def instant(spread: int) -> datetime:
        return NOON + timedelta(hours=chance.randrange(spread))

    due_at = chance.choice([None, instant(20)])
    task = {
        "status": chance.choice([status.value for status in Status]),
        "priority": chance.choice([priority.value for priority in Priority]),
        "assigneeIds": chance.sample(["u1", "u2", "u3"], chance.randrange(3)),
        "projectId": chance.choice([None, "p1", "p2"]),
        "boardId": chance.choice([None, "b1", "b2"]),
        "listId": chance.choice([None, "l1", "l2"]),
        "labelIds": chance.sample(["red", "blue", "green"], chance.randrange(3)),
        "rank": chance.choice([None, "B", "V", "VV", "a", "k"]),
        "isOverdue": due_at is not None and chance.random() < 0.5,
        "dueAt": due_at,
        "archivedAt": chance.choice([None] * 9 + [instant(5)]),
        "deletedAt": chance.choice([None] * 9 + [instant(5)]),
        "createdAt": instant(50),
        "updatedAt": instant(50),
    }
    if chance.random() < 0.05:  # Neither our code nor the rules write such, and yet.
        odd = chance.choice(["dueAt", "priority", "status", "assigneeIds", "labelIds", "rank"])
        task[odd] = chance.choice(ODD)
    if chance.random() < 0.05:
        del task[chance.choice(list(task))]
    return task


def _filters() -> Iterator[dict[str, Any]]:
    later = NOON + timedelta(hours=12)
    choices = {
        "status": [None, (Status.OPEN,), (Status.OPEN, Status.IN_PROGRESS)],
        "priority": [None, (Priority.HIGH,), (Priority.NONE, Priority.HIGH, Priority.URGENT)],
        "assignee": [None, "u1"],
        "overdue": [None, True],
        "due_after": [None, NOON + timedelta(hours=4)],
        "due_before": [None, later],
    }
    for chosen in product(*choices.values()):
        yield {
            name: value for name, value in zip(choices, chosen, strict=True) if value is not None
        }
    yield {"archived": True}
    yield {"deleted": True}
    yield from _filters_by_place()


def _filters_by_place() -> Iterator[dict[str, Any]]:
    """Eighty combinations of all filters, each with a place or a label."""
    chance = random.Random(3)
    places = {"project_id": "p1", "board_id": "b2", "list_id": "l1", "label": "red"}
    others = {
        "status": [(Status.OPEN,), (Status.OPEN, Status.IN_PROGRESS), (Status.DONE,)],
        "priority": [(Priority.HIGH,), (Priority.NONE, Priority.URGENT)],
        "assignee": ["u1"],
        "overdue": [True],
        "due_after": [NOON + timedelta(hours=4)],
        "due_before": [NOON + timedelta(hours=12)],
    }
    for _ in range(80):
        given: dict[str, Any] = {
            name: places[name] for name in chance.sample(list(places), chance.choice([1, 1, 1, 2]))
        }
        for name in chance.sample(list(others), chance.choice([0, 1, 1, 2])):
            given[name] = chance.choice(others[name])
        yield given


def _by_hand(given: dict[str, Any], order: str, tasks: list[Stored]) -> list[str]:
    """What the parameters mean, in plain Python, where the types are as they should be."""

    def is_wanted(fields: Any) -> bool:
        due_at = fields.get("dueAt")
        is_due = isinstance(due_at, datetime)
        deleted_at, archived_at = fields.get("deletedAt", 0), fields.get("archivedAt", 0)
        if given.get("deleted"):
            return bool(deleted_at)
        if given.get("archived"):
            return deleted_at is None and bool(archived_at)
        return (
            deleted_at is None
            and archived_at is None
            and ("status" not in given or fields.get("status") in given["status"])
            and ("priority" not in given or _is_one_of(fields.get("priority"), given["priority"]))
            and ("assignee" not in given or given["assignee"] in _list(fields.get("assigneeIds")))
            and all(given[key] == fields.get(name) for key, name in PLACES.items() if key in given)
            and ("label" not in given or given["label"] in _list(fields.get("labelIds")))
            and ("overdue" not in given or fields.get("isOverdue") is True)
            and ("due_after" not in given or (is_due and due_at >= given["due_after"]))
            and ("due_before" not in given or (is_due and due_at < given["due_before"]))
        )

    name = order.removeprefix("-")
    wanted = [task for task in tasks if is_wanted(task.fields) and name in task.fields]
    # Only odd values need the kit to sort them.
    return _ids(answer(Query(TASKS, 1000, order_by=(order,)), wanted))


def _is_one_of(value: Any, wanted: Any) -> bool:
    return type(value) in (int, float) and value in wanted


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _paged(store: Store, query: Query, tokens: PageTokens, size: int) -> list[str]:
    found: list[str] = []
    asked = Asked(size)
    while True:
        page = tokens.page(store, query, lambda stored: stored.id, asked=asked, caller="u1")
        assert len(page.items) <= size
        found += page.items
        if page.next_page_token is None:
            return found
        asked = Asked(size, page.next_page_token)


def _written(store: Store, documents: dict[str, dict[str, Any]]) -> list[Stored]:
    """Write documents; return them as they were read, in no particular order."""
    writes = iter([Create(path, fields) for path, fields in documents.items()])
    while some := list(islice(writes, MAX_WRITES)):
        assert store.attempt(some)
    found = store.get_all(list(documents))
    return [stored for stored in found if stored]


def _ids(found: list[Stored]) -> list[str]:
    return [stored.id for stored in found]
