"""A weekly series of somebody's own, for the tests of what changes series."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.api.undoing import undone
from tests.api.world import Caller, World

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = {"date": "2027-03-01", "time": "09:00", "tz": "Europe/Berlin"}
WEEKLY = {"title": "Report", "rule": "FREQ=WEEKLY;BYDAY=MO", "start": MONDAY}
# The first Mondays of March 2027, at 9.
FIRST, SECOND, THIRD = "20270301T0900", "20270308T0900", "20270315T0900"
ME = "/workspaces/me"
STAMPS = ("rev", "updatedAt")


@dataclass(frozen=True)
class Weekly:
    """A series of somebody's own, begun on the Sunday evening before its first Monday."""

    world: World
    ann: Caller
    id: str

    @property
    def path(self) -> str:
        return f"{ME}/series/{self.id}"

    @property
    def place(self) -> str:
        return f"workspaces/{self.ann.uid}"

    def occurrence(self, key: str, verb: str = "") -> str:
        return f"{self.path}/occurrences/{key}{verb}"

    def another(self, series_id: str) -> "Weekly":
        """Another series of the same person."""
        return Weekly(self.world, self.ann, series_id)

    def now(self) -> dict[str, Any]:
        """The series but for what each of its revisions has of its own."""
        found = self.ann.get(self.path).json()
        return {name: value for name, value in found.items() if name not in STAMPS}

    def ledger(self) -> dict[str, str]:
        """The state of each entry, by key."""
        found = self.world.documents(f"{self.place}/series/{self.id}/occurrences")
        return {each["key"]: each["state"] for each in found}

    def tasks(self) -> list[dict[str, Any]]:
        found = self.world.documents(f"{self.place}/tasks")
        mine = [each for each in found if each["seriesId"] == self.id]
        return sorted(mine, key=lambda task: task["occurrenceKey"])

    def task(self, key: str) -> dict[str, Any]:
        """The task of an occurrence."""
        [found] = [each for each in self.tasks() if each["occurrenceKey"] == key]
        return found

    def task_id(self, key: str) -> str:
        """The id of an occurrence's task, as the ledger has it."""
        entry = self.world.document(f"{self.place}/series/{self.id}/occurrences/{key}")
        assert entry is not None, self.ledger()
        return str(entry["taskId"])

    def at_task(self, key: str, below: str = "") -> str:
        """The address of an occurrence's task."""
        return f"{ME}/tasks/{self.task_id(key)}{below}"

    def complete(self, key: str) -> None:
        """Complete an occurrence, and let the next one come."""
        answer = self.ann.post(self.at_task(key, "/completion"))
        assert answer.status_code == 200, answer.text
        self.world.settle(times=2)

    def undo(self, answer: Any) -> dict[str, Any]:
        """Take a command back, with what follows."""
        back = undone(self.ann, answer)
        self.world.settle(times=2)
        return back

    def picture(self) -> tuple[Any, ...]:
        """All that people see of it: series, ledger, and its tasks."""
        names = ("title", "due", "status", "occurrenceKey", "priority")
        return self.now(), self.ledger(), [[each[name] for name in names] for each in self.tasks()]


def weekly(world: World, **fields: Any) -> Weekly:
    """Begin a series, on Mondays at 9 but for `fields`."""
    world.clock.move_to(datetime(2027, 2, 28, 20, 0, tzinfo=BERLIN))
    ann = world.person("Ann")
    begun = ann.post(f"{ME}/series", {**WEEKLY, **fields})
    assert begun.status_code == 201, begun.text
    world.settle()
    return Weekly(world, ann, begun.json()["id"])


def due_of(task: dict[str, Any]) -> tuple[str, str | None]:
    """When a task is due: the local day and time."""
    return task["due"]["date"], task["due"]["time"]
