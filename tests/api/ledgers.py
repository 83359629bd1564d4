"""A recurring task in tests: what people do to it, and what its ledger says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.api.world import Caller, World

# Well ahead of the clock that tests begin with, and far from any change of clocks.
DAILY = {
    "title": "Report",
    "rule": "FREQ=DAILY",
    "start": {"date": "2027-03-01", "time": "09:00", "tz": "UTC"},
}
FIRST, SECOND, THIRD, FOURTH = (f"2027030{day}T0900" for day in range(1, 5))


def on(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant in March 2027, the month these series begin in."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


@dataclass(frozen=True)
class Recurring:
    """One series of one person's workspace, or of a team."""

    world: World
    owner: Caller
    workspace: str
    id: str

    @property
    def path(self) -> str:
        return f"workspaces/{self.workspace}/series/{self.id}"

    @property
    def series(self) -> dict[str, Any]:
        return self.world.document(self.path) or {}

    def task_path(self, key: str) -> str:
        """Where the task of an occurrence lies, here and in the API."""
        return f"workspaces/{self.workspace}/tasks/{self.id}-{key}"

    def task(self, key: str) -> dict[str, Any] | None:
        return self.world.document(self.task_path(key))

    def ledger(self) -> dict[str, str]:
        """The state of each occurrence, by its key."""
        return {key: each["state"] for key, each in self.entries().items()}

    def entries(self) -> dict[str, dict[str, Any]]:
        entries = self.world.documents(f"{self.path}/occurrences")
        return {each["key"]: each for each in sorted(entries, key=lambda each: each["key"])}

    def tasks(self) -> list[str]:
        """The keys of the occurrences that have a task."""
        found = self.world.documents(f"workspaces/{self.workspace}/tasks")
        return sorted(each["occurrenceKey"] for each in found if each["seriesId"] == self.id)

    def complete(self, key: str) -> requests.Response:
        return self.owner.post(f"/{self.task_path(key)}/completion")

    def completed(self, *keys: str) -> None:
        """Complete occurrences one after the other, and let follow what follows."""
        for key in keys:
            assert 200 == self.complete(key).status_code
            self.world.settle(times=2)

    def app_writes(self, key: str, **changes: Any) -> None:
        """Write to a task as an app does that the rules let through."""
        task, now = self.task(key) or {}, self.world.clock.now()
        stamps = {"rev": task["rev"] + 1, "updatedAt": now, "updatedBy": self.owner.uid}
        self.world.database.document(self.task_path(key)).update({**changes, **stamps})

    def ring(self, key: str) -> None:
        """Ring the doorbell of an occurrence's task."""
        self.world.ring(self.workspace, f"{self.id}-{key}")

    def go_to(self, moment: datetime) -> None:
        """Let time pass, and what falls due in it happen."""
        self.world.pass_time(moment - self.world.clock.now())
        self.world.settle()

    def timers(self) -> list[datetime]:
        """When its next occurrences come by themselves."""
        found = self.world.documents("timers")
        mine = [each for each in found if each["subject"].get("seriesId") == self.id]
        return [each["fireAt"] for each in mine if each["kind"] == "occurrence"]


def begun(world: World, owner: Caller, workspace: str | None = None, **changes: Any) -> Recurring:
    """Begin a series, `DAILY` but for the changes, half an hour before its first occurrence."""
    body: Mapping[str, Any] = {**DAILY, **changes}
    world.clock.move_to(on(1, 8, 30))
    answer = owner.post(f"/workspaces/{workspace or 'me'}/series", body)
    assert 201 == answer.status_code, answer.text
    world.settle()
    return Recurring(world, owner, workspace or owner.uid, answer.json()["id"])


def without_service(world: World, by: timedelta) -> None:
    """Let time pass in which nothing of ours runs."""
    world.clock.advance(by)
