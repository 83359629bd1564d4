"""
Many people at once, through the API and straight into Firestore under its rules.

Whatever they do and in whatever order, no circle is ever stored, neither of parents nor of what
waits for what; and once all is quiet, everything that follows says what is so.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend.tasks.model import MAX_DEPTH, TaskRef
from tests.api.test_trees import AT, grow
from tests.api.world import Caller, World
from tests.architecture.source import ROOT
from tests.rules.client import Person, RulesClient
from tests.rules.wire import REQUEST_TIME

TASKS, AT_ONCE = 11, 8
Stored = dict[str, dict[str, Any]]


class Company:
    """Some tasks, and people who act on them in two ways at once."""

    def __init__(self, world: World, suite, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.ann: Caller = world.person("Ann")
        self.ids = [grow(self.ann, title=f"Task {number}") for number in range(TASKS)]
        client = RulesClient(suite.firestore_host, world.project_id)
        client.load_rules((ROOT / "firestore.rules").read_text())
        self.app: Person = client.as_(self.ann.uid)

    def round(self, crowd: ThreadPoolExecutor) -> None:
        """Let several act at the same time."""
        self.world.clock.advance(timedelta(milliseconds=1))
        list(crowd.map(lambda act: act(), [self.some_act() for _ in range(AT_ONCE)]))

    def some_act(self):
        one, other, third = self.chance.sample(self.ids, 3)
        kind = self.chance.choice(ACTS)
        return lambda: kind(self, one, other, third)

    def move(self, one: str, other: str, _: str) -> None:
        parent = self.chance.choice([other, other, None])
        self.ann.patch(f"{AT}/{one}", {"parentId": parent})

    def swap(self, one: str, other: str, third: str) -> None:
        """Move a task between others so fast that no reaction sees it in between."""
        for parent in (other, third, other):
            self.ann.patch(f"{AT}/{one}", {"parentId": parent})

    def drag(self, one: str, other: str, _: str) -> None:
        self.app_changes((one, {"parentId": self.chance.choice([other, other, None])}))

    def drag_two(self, one: str, other: str, third: str) -> None:
        self.app_changes((one, {"parentId": other}), (other, {"parentId": third}))

    def block(self, one: str, other: str, _: str) -> None:
        self.ann.put(f"{AT}/{one}/blockers/{other}")

    def block_by_list(self, one: str, other: str, third: str) -> None:
        self.ann.patch(f"{AT}/{one}", {"blockedBy": [other, third]})

    def unblock(self, one: str, other: str, _: str) -> None:
        self.ann.delete(f"{AT}/{one}/blockers/{other}")

    def complete(self, one: str, *_: str) -> None:
        self.ann.post(f"{AT}/{one}/completion")

    def reopen(self, one: str, *_: str) -> None:
        self.ann.delete(f"{AT}/{one}/completion")

    def tick_off(self, one: str, *_: str) -> None:
        done = {"completedAt": REQUEST_TIME, "completedBy": self.ann.uid}
        self.app_changes((one, {"status": "done", **done}))

    def delete(self, one: str, *_: str) -> None:
        how = self.chance.choice(["cascade", "promote"])
        self.ann.delete(f"{AT}/{one}", params={"children": how})

    def restore(self, one: str, other: str, third: str) -> None:
        for each in (one, other, third):
            self.ann.post(f"{AT}/{each}:restore")

    def throw_away(self, one: str, *_: str) -> None:
        self.app_changes((one, {"deletedAt": REQUEST_TIME}))

    def fetch_back(self, one: str, other: str, _: str) -> None:
        for each in (one, other):
            self.app_changes((each, {"deletedAt": None}))

    def react(self, one: str, other: str, _: str) -> None:
        """Doorbells ring whenever they like."""
        for each in (one, other):
            self.world.services.reactor.react(TaskRef(self.ann.uid, each))

    def app_changes(self, *changes: tuple[str, dict[str, Any]]) -> None:
        """Commit changes as an app does: refused, or too late, is as good as done."""
        writes = []
        for task_id, fields in changes:
            path = f"workspaces/{self.ann.uid}/tasks/{task_id}"
            rev = (self.world.document(path) or {})["rev"] + 1
            stamps = {"rev": rev, "updatedAt": REQUEST_TIME, "updatedBy": self.ann.uid}
            writes.append(self.app.updating(path, {**fields, **stamps}))
        self.app._call("POST", ":commit", {"writes": writes})

    def stored(self) -> Stored:
        """All tasks at one instant."""
        paths = [f"workspaces/{self.ann.uid}/tasks/{each}" for each in self.ids]
        found = self.world.services.ports.store.get_all(paths)
        return {stored.id: dict(stored.fields) for stored in found if stored is not None}

    def settle(self) -> None:
        """Let everything follow, whatever was rung for and whatever was not."""
        for _ in range(3):
            self.world.clock.advance(timedelta(milliseconds=1))
            for each in self.ids:
                self.world.ring(self.ann.uid, each)
            self.world.tasks.settle()
            # Two timers of one instant have one job between them; the repair finds the other.
            self.world.pass_time(timedelta(minutes=2))


ACTS = (
    *(Company.move, Company.swap, Company.drag, Company.drag_two) * 2,
    *(Company.block, Company.block_by_list, Company.unblock) * 2,
    *(Company.complete, Company.reopen, Company.tick_off, Company.reopen),
    *(Company.delete, Company.throw_away, *(Company.restore, Company.fetch_back) * 2),
    *(Company.react,) * 6,
)


def circles(tasks: Stored, ways: Any) -> list[str]:
    """Return the tasks that lead back to themselves."""
    found = []
    for start in tasks:
        ahead, seen = set(ways(tasks[start])), set()
        while ahead:
            seen |= ahead
            ahead = {way for each in ahead if each in tasks for way in ways(tasks[each])} - seen
        if start in seen:
            found.append(start)
    return found


def above(tasks: Stored, task_id: str) -> list[str]:
    chain: list[str] = []
    while (parent := tasks[task_id]["parentId"]) is not None:
        chain.insert(0, parent)
        task_id = parent
    return chain


def is_open(task: dict[str, Any]) -> bool:
    return task["status"] in ("open", "in_progress") and task["deletedAt"] is None


def is_done(task: dict[str, Any]) -> bool:
    return task["status"] == "done" and task["deletedAt"] is None


def expected(tasks: Stored) -> dict[str, Any]:
    """Reckon from scratch what everything that follows has to say."""
    found = {}
    for task_id, task in tasks.items():
        children = [each for each in tasks.values() if each["parentId"] == task_id]
        waiting = [each for each in tasks.values() if task_id in each["blockedBy"]]
        found[task_id] = {
            "ancestorIds": above(tasks, task_id),
            "depth": len(above(tasks, task_id)),
            "subtasks": sum(is_open(each) or is_done(each) for each in children),
            "subtasksDone": sum(map(is_done, children)),
            "blocks": sum(each["deletedAt"] is None for each in waiting),
            "isBlocked": _is_blocked(tasks, task),
        }
    return found


def said(tasks: Stored) -> dict[str, Any]:
    """Return what is stored of it."""
    counters = ("subtasks", "subtasksDone", "blocks")
    return {
        task_id: {
            **{name: task[name] for name in ("ancestorIds", "depth")},
            **{name: task["counters"].get(name, 0) for name in counters},
            "isBlocked": _said_blocked(task),
        }
        for task_id, task in tasks.items()
    }


def _is_blocked(tasks: Stored, task: dict[str, Any]) -> bool | None:
    if task["deletedAt"] is not None:  # What it says there means nothing.
        return None
    return any(is_open(tasks[each]) for each in task["blockedBy"])


def _said_blocked(task: dict[str, Any]) -> bool | None:
    return task["isBlocked"] if task["deletedAt"] is None else None


@pytest.mark.parametrize("seed", range(2))
def test_nothing_ever_goes_in_a_circle(
    world: World, suite, crowd: ThreadPoolExecutor, request: pytest.FixtureRequest, seed: int
):
    """Rounds of acts at the same time: no circle after any of them, and all is right in the end."""
    rounds = 600 if request.config.getoption("--long") else 15
    company = Company(world, suite, random.Random(seed))
    for number in range(rounds):
        company.round(crowd)
        tasks = company.stored()

        assert [] == circles(tasks, lambda task: [task["parentId"]] if task["parentId"] else [])
        assert [] == circles(tasks, lambda task: task["blockedBy"])
        if number % 15 == 14:
            company.settle()
            tasks = company.stored()

            assert expected(tasks) == said(tasks)
            assert max(task["depth"] for task in tasks.values()) <= MAX_DEPTH
            assert [] == [each for each in tasks if _is_unseen(tasks, each)]


def _is_unseen(tasks: Stored, task_id: str) -> bool:
    """Whether a task lies below one in the trash without being there itself."""
    gone = [each for each in above(tasks, task_id) if tasks[each]["deletedAt"] is not None]
    return bool(gone) and tasks[task_id]["deletedAt"] is None
