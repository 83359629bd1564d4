"""
Every `allow` grants and refuses; every condition inside it has been seen both ways.

The other modules run 1,400 cases; a report over all of them holds every value of each, and takes
the emulator half a minute. So this module sends a selection to a project of its own.
"""

from uuid import uuid4

import pytest

from tests.rules.client import RulesClient, Verdict
from tests.rules.coverage import one_sided, one_sided_allows
from tests.rules.documents import device, due, edit, without
from tests.rules.listeners import LISTENERS
from tests.rules.task_cases import (
    COMPLETIONS,
    INVALID,
    MISSING_DUE_KEYS,
    NOT_ON_CREATE,
    NOT_ON_UPDATE,
    NOW,
    SHELVING,
)
from tests.rules.test_device_rules import INVALID as INVALID_DEVICES
from tests.rules.test_role_table import IN_WORKSPACE, ON_OWN_DOCUMENTS
from tests.rules.wire import REQUEST_TIME, Query
from tests.rules.world import seed_world

EXPRESSIONS = 1000
"""What the rules engine evaluates for one request at most."""

# One name for each condition on a task's shape, and one for each on its stamps.
SHAPES = (
    "title-integer", "title-empty", "title-too-long", "description-null", "status-unknown",
    "priority-float", "priority-below", "priority-above", "assignees-null", "watchers-null",
    "due-empty-map", "due-extra-key", "due-without-tz", "due-kind-unknown",
    "due-all-day-with-time", "due-hour-24", "due-31-february", "due-month-13", "due-zone-path",
    "due-at-without-due", "due-day-without-due", "due-at-string", "due-day-of-another-date",
    "due-string", "completed-while-open", "completer-while-open",
)  # fmt: skip
STAMPS = (
    "a38-rev-equal", "a38-rev-float", "a38-updated-at-client-time", "a38-updated-by-another",
    "a25-overdue",
)  # fmt: skip
# Added to an empty list: none, one, two, three; and what is no member on either place.
PEOPLE_LISTS = (
    [], ["viewer"], ["owner", "viewer"], ["owner", "admin", "viewer"], ["stranger"],
    ["viewer", "stranger"], ["viewer", "viewer"], [7], [str(n) for n in range(51)],
)  # fmt: skip


@pytest.fixture(scope="module")
def observed(suite, rules_text):
    """A world in a project that nothing else writes to."""
    client = RulesClient(suite.firestore_host, f"demo-coverage-{uuid4().hex[:12]}")
    client.load_rules(rules_text)
    return seed_world(client)


@pytest.mark.parametrize(
    ("ballast", "expected"), [(100, Verdict.ALLOWED), (EXPRESSIONS // 3, Verdict.DENIED)]
)
def test_the_dearest_write_leaves_expressions_to_spare(suite, rules_text, ballast, expected):
    """Four people to look up, a due time, a completion: 300 more expressions would still fit."""
    client = RulesClient(suite.firestore_host, f"demo-coverage-{uuid4().hex[:12]}")
    condition = "if isTaskChanged("
    heavier = condition.replace("if", f"if {_ballast(ballast)} &&")
    client.load_rules(rules_text.replace(condition, heavier))
    world = seed_world(client)
    people = {"assigneeIds": ["owner", "admin"], "watcherIds": ["commenter", "viewer"]}
    changes = world.named(people | NOW | due())

    answer = world.as_("member").update(world.store_task(), edit(world.uid("member"), **changes))

    assert answer.verdict == expected


def _ballast(count: int) -> str:
    """Return a condition that is true and costs three expressions for each of `count`."""
    half = count // 2
    return "true" if count == 1 else f"({_ballast(half)} && {_ballast(count - half)})"


def _read_and_write_as(world, who):
    for allowed, act in IN_WORKSPACE.values():
        if allowed:
            act(world.as_(who), world)
    for allowed, act in ON_OWN_DOCUMENTS.values():
        if allowed:
            act(world.as_(who), world.me("member"))
    for uid, limit in ((world.uid(who), 50), (world.uid(who), 51), ("another", 50)):
        mine = Query((("uid", "EQUAL", uid),), limit=limit, every_path=True)
        world.as_(who).list("members", mine)


def _list_too_much(world):
    """Ask for one document more than the rules allow, everywhere."""
    for row in LISTENERS.values():
        path = row.path.format(w1=world.w1, task=world.task, me=world.me("member"))
        world.as_("member").list(path, Query(limit=row.bound + 1))


def _write_tasks(world):
    """Send what each condition on a task exists to refuse, and valid tasks of every kind."""
    app, uid = world.as_("member"), world.uid("member")
    done = {"status": "done", "completedAt": REQUEST_TIME, "completedBy": uid}
    for changes in ({}, done, *NOT_ON_CREATE.values()):
        path, task = world.new_task("member", **changes)
        app.create(path, task)
    path, task = world.new_task("member")
    app.create(path, without(task, "title"))
    app.create(f"{world.w1}/tasks/x y", task)
    app.create(f"{world.w1}/tasks/s1-20260329", task)
    app.create(path, task | {"completedBy": uid})
    world.as_("nobody").update(world.store_task(), edit(uid))
    world.as_("viewer").update(world.store_task(), edit(world.uid("viewer")))
    shapes = INVALID | MISSING_DUE_KEYS
    for changes in (*map(due, ("allDay", "floating", "zoned")), *(shapes[name] for name in SHAPES)):
        app.update(world.store_task(), edit(uid, **changes))
    for changes in (NOT_ON_UPDATE[name] for name in STAMPS):
        app.update(world.store_task(), edit(uid, **changes))
    for before, changes, _ in (*COMPLETIONS.values(), *SHELVING.values()):
        app.update(world.store_task(**world.named(before)), edit(uid, **world.named(changes)))
    for names in PEOPLE_LISTS:
        people = world.named(names)
        app.update(world.store_task(), edit(uid, assigneeIds=people))
        app.update(world.store_task(), edit(uid, watcherIds=people))
        path, task = world.new_task("member", assigneeIds=people)
        app.create(path, task)
        path, task = world.new_task("member", watcherIds=people)
        app.create(path, task)


def _write_devices(world):
    """Send what each condition on a device exists to refuse."""
    app, path = world.as_("member"), f"{world.me('member')}/devices"
    for changes in INVALID_DEVICES.values():
        app.update(f"{path}/d1", device(**changes))
    app.update(f"{path}/d1", device(locale=None, timezone=None))
    app.create(f"{path}/d2", device(model="x"))
    app.create(f"{path}/d2", without(device(), "locale"))
    app.create(f"{path}/d2", device(token=""))
    app.create(f"{path}/x y", device())


def test_every_condition_is_seen_both_ways(observed, rules_text):
    """A condition that nothing here makes false could be dropped without anyone noticing."""
    for who in ("member", "guest", "expired", "stranger", "nobody"):
        _read_and_write_as(observed, who)
    _list_too_much(observed)
    _write_tasks(observed)
    _write_devices(observed)

    report = observed.client.coverage()
    assert one_sided_allows(report, rules_text) == []
    assert one_sided(report, rules_text) == []
