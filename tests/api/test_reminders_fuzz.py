"""
A task edited at random by an app, with alarms and reactions that come when they will.

Whatever the order: a reminder that stood when its instant came, and was not taken away before
somebody looked, is told; one that did not stand is not; and none is told twice.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.tasks.model import TaskRef
from tests.api.factories import app_task, due_map
from tests.api.reminding import on_the_minute, reminded_at, reminders_of
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


@dataclass
class Oracle:
    """What is to be expected, by the states that the task was in; knows nothing of timers."""

    states: list[tuple[datetime, frozenset[datetime]]] = field(default_factory=list)
    must: set[datetime] = field(default_factory=set)
    may: set[datetime] = field(default_factory=set)
    edited_before: datetime | None = None  # The last edit before somebody last looked.

    def edited(self, at: datetime, instants: frozenset[datetime]) -> None:
        self.states.append((at, instants))

    def looked(self, now: datetime) -> None:
        """Somebody has looked, alarms and reactions alike: what stood all the while was told."""
        began, standing = self.states[0]
        later = [instants for _, instants in self.states[1:]]
        # What has passed when it is set may be told where alarms are late by then. And of several
        # changes that nobody looked between, any may have set it, since the one before them.
        floor = (self.edited_before or began) if len(later) > 1 else began
        self.may |= {each for some in (standing, *later) for each in some if floor < each <= now}
        if later:
            self.edited_before = self.states[-1][0]
        passed = {each for each in standing if began < each <= now}
        self.must |= {each for each in passed if all(each in instants for instants in later)}
        self.states = [(now, self.states[-1][1])]


class Company:
    """One task, whose reminders somebody changes all the time."""

    def __init__(self, world: World, ann: Caller, chance: random.Random) -> None:
        self.world, self.chance, self.oracle = world, chance, Oracle()
        self.due_at = on_the_minute(world, 60 * MINUTE)
        self.task_id = app_task(world, ann.uid, by=ann, title="Pay", due_at=self.due_at)
        self.path, self.ref = (
            f"workspaces/{ann.uid}/tasks/{self.task_id}",
            TaskRef(ann.uid, self.task_id),
        )
        self.reminders: list[dict[str, Any]] = []
        self.status = "open"
        self.oracle.edited(world.clock.now(), frozenset())
        world.settle()

    def step(self) -> None:
        """Edit, wait, ring a doorbell, let an alarm come twice, or let all of it settle."""
        act = self.chance.choice(
            [self.edit, self.edit, self.wait, self.wait, self.react, self.settle]
        )
        act()

    def edit(self) -> None:
        kind = self.chance.choice(["reminders", "due", "status", "title"])
        if kind == "reminders":
            self.reminders = [self._some() for _ in range(self.chance.randrange(6))]
        elif kind == "due":
            self.due_at = on_the_minute(self.world, self.chance.randrange(-30, 90) * MINUTE)
        elif kind == "status":
            self.status = self.chance.choice(["open", "in_progress", "done"])
        self.world.clock.advance(timedelta(milliseconds=3))
        self._write()

    def wait(self) -> None:
        self.world.clock.advance(self.chance.randrange(1, 25) * MINUTE + timedelta(seconds=7))

    def react(self) -> None:
        """A doorbell, perhaps of long ago; nothing else stirs, so nothing is known to be told."""
        self.world.services.reactor.react(self.ref)

    def settle(self) -> None:
        self.world.tasks.wake()
        self.world.settle(times=2)
        self.oracle.looked(self.world.clock.now())

    def _some(self) -> dict[str, Any]:
        if self.chance.random() < 0.5:
            minutes = self.chance.choice([0, 10, 30, 60])
            return {"kind": "relative", "minutesBefore": minutes, "at": None}
        instant = on_the_minute(self.world, self.chance.randrange(-10, 60) * MINUTE)
        return {"kind": "absolute", "minutesBefore": None, "at": instant}

    def _write(self) -> None:
        before = self.world.document(self.path) or {}
        due = due_map(self.due_at)
        fields = {
            "reminders": self.reminders,
            "due": due,
            "dueAt": self.due_at,
            "dueDay": due["date"],
            "status": self.status,
            "completedAt": self.world.clock.now() if self.status == "done" else None,
            "isOverdue": bool(before["isOverdue"] and self.status != "done"),
        }
        stamps = {"rev": before["rev"] + 1, "updatedAt": self.world.clock.now()}
        self.world.database.document(self.path).update({**fields, **stamps})
        self.oracle.edited(self.world.clock.now(), self._instants())

    def _instants(self) -> frozenset[datetime]:
        if self.status == "done":
            return frozenset()
        return frozenset(
            each["at"] or self.due_at - each["minutesBefore"] * MINUTE for each in self.reminders
        )


def test_whatever_the_order(world: World, request: pytest.FixtureRequest):
    """Each that must be told is, none that must not be, and none twice."""
    is_long = request.config.getoption("--long")
    seed = random.SystemRandom().randrange(10**6)
    for number in range(40 if is_long else 3):
        chance = random.Random(seed + number)
        ann = world.person(f"Ann{number}")
        company = Company(world, ann, chance)

        for _ in range(150 if is_long else 25):
            company.step()
        company.settle()

        told, oracle = reminded_at(world, ann.uid), company.oracle
        assert {} == {at: n for at, n in Counter(told).items() if n > 1}, seed + number
        assert set() == oracle.must - set(told), f"not told, seed {seed + number}"
        assert set() == set(told) - oracle.must - oracle.may, f"told too much, seed {seed + number}"
        assert len(told) >= len(reminders_of(world, ann))
